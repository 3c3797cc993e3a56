/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Mirror pods: reports of static pods come in, requests to the API server go out.
 *
 * <p>{@code MirrorPlanner} is pure; {@code MirrorPodManager} executes its plans, one request at a time for
 * each pod. Imported by {@code cluster} and {@code boot}.
 */
@NullMarked
package io.jubelet.mirror;

import org.jspecify.annotations.NullMarked;
