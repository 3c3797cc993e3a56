package io.jubelet.cri;

/**
 * Pressure stall information of one resource.
 *
 * @param full all tasks stalled; null when unknown
 * @param some at least one task stalled; null when unknown
 */
public record PsiStats(PsiData full, PsiData some) {

    /**
     * One line of pressure stall information.
     *
     * @param total microseconds stalled since start
     * @param avg10 percent of the last 10 s
     * @param avg60 percent of the last 60 s
     * @param avg300 percent of the last 300 s
     */
    public record PsiData(long total, double avg10, double avg60, double avg300) {}
}
