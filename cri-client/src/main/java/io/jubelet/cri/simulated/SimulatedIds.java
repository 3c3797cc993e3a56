/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.util.HexFormat;
import java.util.SplittableRandom;

/** Ids that look random and are deterministic, so that a failing run can be repeated. */
final class SimulatedIds {
    private SimulatedIds() {}

    static String of(long seed) {
        byte[] bytes = new byte[32];
        new SplittableRandom(seed).nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
