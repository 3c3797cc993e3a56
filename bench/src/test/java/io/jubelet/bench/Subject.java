package io.jubelet.bench;

import java.util.Locale;

/** Who did the work that was measured. */
enum Subject {
    /** The benchmark itself, by direct calls to the runtime. */
    FLOOR,
    /** Our daemon. */
    JUBELET,
    /** The reference kubelet. */
    KUBELET;

    /** As people and files call it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
