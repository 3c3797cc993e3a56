/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The workers: each owns one pod, observes it, asks {@code plan} for a plan, executes the actions through an
 * {@code ActionExecutor} and publishes a {@code PodView}.
 *
 * <p>Snapshots of what is wanted and observed come in; actions, events and views go out. Imported by {@code runtime}, which
 * executes the actions, by packages that read views, and by {@code warmup} and {@code boot}.
 */
@NullMarked
package io.jubelet.reconcile;

import org.jspecify.annotations.NullMarked;
