/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A client of the Kubernetes API server: requests, watches, kubeconfigs and credentials.
 *
 * <p>Paths and JSON come in; API objects and errors go out. Calls block and are meant for virtual threads.
 * It knows nothing of nodes or pods, and no class of it is loaded without a kubeconfig. Imported by the
 * rooms that talk to an API server.
 */
@NullMarked
package io.jubelet.kubeapi;

import org.jspecify.annotations.NullMarked;
