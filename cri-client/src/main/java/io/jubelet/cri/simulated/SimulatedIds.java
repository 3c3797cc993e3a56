package io.jubelet.cri.simulated;

import java.util.HexFormat;
import java.util.SplittableRandom;

/** Ids which look random and are not, so that a failing schedule can be run again. */
final class SimulatedIds {
    private SimulatedIds() {}

    static String of(long seed) {
        byte[] bytes = new byte[32];
        new SplittableRandom(seed).nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
