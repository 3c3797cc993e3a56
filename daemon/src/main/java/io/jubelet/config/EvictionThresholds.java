package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.Quantity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of each thing must stay free on the node, by the signal that {@code evictionHard} names it with. Below it the node
 * is under pressure; nothing is evicted, for static pods never are.
 *
 * @param hard quantities or percentages, as written
 */
public record EvictionThresholds(Map<String, String> hard) {

    /** As the kubelet; a map that is given replaces all of it. Pages and inodes that a map does not name need not stay free. */
    public static final EvictionThresholds DEFAULT = new EvictionThresholds(Map.of(
            "memory.available", "100Mi",
            "nodefs.available", "10%",
            "nodefs.inodesFree", "5%",
            "imagefs.available", "15%",
            "imagefs.inodesFree", "5%"));

    private static final List<String> SIGNALS = List.of(
            "memory.available",
            "nodefs.available",
            "nodefs.inodesFree",
            "imagefs.available",
            "imagefs.inodesFree",
            "containerfs.available",
            "containerfs.inodesFree",
            "pid.available");

    public EvictionThresholds {
        hard = Map.copyOf(hard);
    }

    /** Reads a field of a KubeletConfiguration; null when it is absent or nothing of it is right, which is noted. */
    static EvictionThresholds parse(FieldReader fields, String name) {
        Node given = fields.get(name);
        if (given == null || given.isEmpty()) {
            return null;
        }
        Map<String, String> hard = new HashMap<>();
        for (Map.Entry<String, String> entry : fields.textMap(name).entrySet()) {
            String wrong = wrong(entry.getKey(), entry.getValue());
            if (wrong != null) {
                fields.error(name, wrong);
            } else if (!entry.getValue().isEmpty()) {
                hard.put(entry.getKey(), entry.getValue());
            }
        }
        return new EvictionThresholds(hard);
    }

    private static String wrong(String signal, String text) {
        if (!SIGNALS.contains(signal)) {
            return "there is no signal \"" + signal + "\"; there are " + String.join(", ", SIGNALS);
        }
        try {
            amount(text, 0);
            return null;
        } catch (IllegalArgumentException _) {
            return signal + " must be a quantity or a percentage such as 5%, and is \"" + text + "\"";
        }
    }

    /**
     * How much of {@code capacity} must stay free; 0 when nothing is said of that signal.
     *
     * @param capacity all that there is, in bytes, inodes or processes
     */
    public long floor(String signal, long capacity) {
        return amount(hard.getOrDefault(signal, ""), capacity);
    }

    private static long amount(String text, long capacity) {
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.endsWith("%")) {
            return Quantity.parse(text).value();
        }
        BigDecimal percent = new BigDecimal(text.substring(0, text.length() - 1));
        if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException("not from 0 to 100: " + text);
        }
        return percent.multiply(BigDecimal.valueOf(capacity)).movePointLeft(2).longValue();
    }
}
