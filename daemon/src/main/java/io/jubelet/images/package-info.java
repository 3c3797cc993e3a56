/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The images of this node: pulled when a pod needs them, removed when they are unused.
 *
 * <p>Requests of workers and credentials come in; pulls, removals and the states of images go out. A
 * check for an image runs on the thread of the worker, each pull on a thread of its own, garbage
 * collection on the thread of its loop. Nothing here decides which container starts, and no message shows
 * a credential. Imported by {@code runtime} and {@code boot}.
 */
@NullMarked
package io.jubelet.images;

import org.jspecify.annotations.NullMarked;
