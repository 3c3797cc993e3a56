package io.jubelet.cluster;

/** Writes amounts as quantities in the form that the API gives them. Pure. */
public final class ResourceQuantities {

    private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private ResourceQuantities() {}

    /** Bytes, in the largest unit that leaves no fraction. */
    public static String bytes(long bytes) {
        int unit = 0;
        long amount = bytes;
        while (amount != 0 && amount % 1024 == 0 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return amount + UNITS[unit];
    }

    /** Thousandths of processors. */
    public static String processors(long milli) {
        return milli % 1000 == 0 ? Long.toString(milli / 1000) : milli + "m";
    }
}
