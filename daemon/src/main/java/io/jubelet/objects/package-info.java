/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Pods and events as objects of the Kubernetes API, in JSON: reports and events come in, text goes out. Pure.
 *
 * <p>Used by the rooms that serve objects ({@code api}) or send them to an API server ({@code mirror}, {@code cluster}).
 */
@NullMarked
package io.jubelet.objects;

import org.jspecify.annotations.NullMarked;
