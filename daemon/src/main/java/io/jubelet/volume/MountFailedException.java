/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.document.FileProblem;
import java.io.IOException;

/** A volume cannot be set up. The message is the kubelet's, which users search for. */
public final class MountFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    MountFailedException(String volume, IOException cause) {
        super("MountVolume.SetUp failed for volume \"" + volume + "\" : " + FileProblem.of(cause), cause);
    }
}
