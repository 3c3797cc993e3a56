package io.jubelet.cri;

import java.time.Instant;

/**
 * Pressure on input and output.
 *
 * @param timestamp when this was measured; null when unknown
 * @param psi null when absent
 */
public record IoUsage(Instant timestamp, PsiStats psi) {}
