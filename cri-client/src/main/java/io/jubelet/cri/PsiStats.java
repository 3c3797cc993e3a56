/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import org.jspecify.annotations.Nullable;

/**
 * The pressure stall information of one resource.
 *
 * @param full the time in which all tasks were stalled; null if unknown
 * @param some the time in which at least one task was stalled; null if unknown
 */
public record PsiStats(@Nullable PsiData full, @Nullable PsiData some) {

    /**
     * One line of pressure stall information.
     *
     * @param total the stall time since the start, in microseconds
     * @param avg10 the stall time of the last 10 s, in percent
     * @param avg60 the stall time of the last 60 s, in percent
     * @param avg300 the stall time of the last 300 s, in percent
     */
    public record PsiData(long total, double avg10, double avg60, double avg300) {}
}
