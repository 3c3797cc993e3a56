/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        assertEquals(2, Samples.of(3, 1, 2).median());
        assertEquals(2.5, Samples.of(4, 1, 2, 3).median());
        assertEquals(7, Samples.of(7).median());
    }

    @Test
    void nineInTenDoNotExceedTheNinetiethPercentile() {
        assertEquals(
                90,
                new Samples(IntStream.rangeClosed(1, 100)
                                .mapToObj(i -> (double) i)
                                .toList())
                        .p90());
        assertEquals(
                14,
                new Samples(IntStream.rangeClosed(1, 15)
                                .mapToObj(i -> (double) i)
                                .toList())
                        .p90());
        assertEquals(5, Samples.of(5).p90());
    }

    @Test
    void nothingMeasuredIsNoSamples() {
        assertThrows(IllegalArgumentException.class, () -> new Samples(List.of()));
    }

    @Test
    void usageIsReadFromTheKernelsFiles() {
        assertEquals(
                1.5, ProcessUsage.cpuSeconds("7 (a) b) S 1 7 7 0 -1 4194560 1000 0 0 0 100 50 0 0 20 0 30 0 12345"));
        assertEquals(1.5, ProcessUsage.mebibytes("Name:\tjava\nVmRSS:\t    1536 kB\n", "VmRSS"));
    }
}
