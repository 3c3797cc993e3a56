/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A read-only Kubernetes API of this node alone, for kubectl and other clients of Kubernetes where there is no API server.
 *
 * <p>Statuses, events, ConfigMaps and the Node come in; lists, watches, tables, logs and the documents of discovery go out.
 * Only clients with a certificate that the authority of this node signed are served. Nothing here changes a pod, and Secrets
 * are never shown. No class is loaded unless an address is configured. Only {@code boot} imports this room.
 */
@NullMarked
package io.jubelet.kubernetesapi;

import org.jspecify.annotations.NullMarked;
