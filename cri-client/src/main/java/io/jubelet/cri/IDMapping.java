/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** Maps a range of user or group ids in a user namespace to a range on the host. */
public record IDMapping(int hostId, int containerId, int length) {}
