package io.jubelet.config;

import io.jubelet.document.FieldReader;
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

    /** As the kubelet; a map that is given replaces all of it, unless they are to be merged. */
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
            "pid.available");

    /** What a kubelet knows as well, and why nothing is to be said of it. */
    private static String pointless(String signal) {
        return switch (signal) {
            case "containerfs.available", "containerfs.inodesFree" ->
                signal + " has no effect, as with the kubelet: what containers write lies on nodefs or imagefs, whose"
                        + " thresholds count";
            case "allocatableMemory.available" ->
                signal + " has no effect: what pods use together is not measured; memory.available is";
            default -> null;
        };
    }

    public EvictionThresholds {
        hard = Map.copyOf(hard);
    }

    /**
     * Reads {@code evictionHard} of a KubeletConfiguration; what is wrong is noted.
     *
     * @return null when it is absent; one that is there and empty has no thresholds, as with the kubelet
     */
    static EvictionThresholds parse(FieldReader fields) {
        String name = "evictionHard";
        boolean merged = fields.flag("mergeDefaultEvictionSettings", false);
        if (!fields.has(name)) {
            return null;
        }
        Map<String, String> hard = new HashMap<>(merged ? DEFAULT.hard : Map.of());
        for (Map.Entry<String, String> entry : fields.textMap(name).entrySet()) {
            String pointless = pointless(entry.getKey());
            if (pointless != null) {
                fields.warn(name, pointless);
                continue;
            }
            String wrong = wrong(entry.getKey(), entry.getValue());
            if (wrong != null) {
                fields.error(name, wrong);
            } else {
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
            return signal + " must be a positive quantity or a percentage such as 5%, and is \"" + text + "\"";
        }
    }

    /**
     * How much of {@code capacity} must stay free; 0 when nothing is said of that signal.
     *
     * @param capacity all that there is, in bytes, inodes or processes
     */
    public long floor(String signal, long capacity) {
        String amount = hard.get(signal);
        return amount == null ? 0 : amount(amount, capacity);
    }

    private static long amount(String text, long capacity) {
        if (!text.endsWith("%")) {
            Quantity quantity = Quantity.parse(text);
            if (quantity.number().signum() <= 0) {
                throw new IllegalArgumentException("not positive: " + text);
            }
            return quantity.value();
        }
        if (text.equals("100%")) {
            return 0; // the kubelet takes it for no threshold, and so must whoever copies its configuration
        }
        BigDecimal percent = new BigDecimal(text.substring(0, text.length() - 1));
        if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException("not from 0 to 100: " + text);
        }
        return percent.multiply(BigDecimal.valueOf(capacity)).movePointLeft(2).longValue();
    }
}
