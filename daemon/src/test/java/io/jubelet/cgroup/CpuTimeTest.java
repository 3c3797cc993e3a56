/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuTimeTest {

    @ParameterizedTest
    @CsvSource({
        "0,2",
        "1,2",
        "3,3",
        "100,102",
        "250,256",
        "1000,1024",
        "255999,262142",
        "256000,262144",
        "9999999,262144"
    })
    void sharesOfThousandths(long milli, long shares) {
        assertEquals(shares, CpuTime.shares(milli));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1000", "9,1000", "11,1100", "1000,100000", "2500,250000"})
    void quotaInAPeriodOfATenthOfASecond(long milli, long micros) {
        assertEquals(micros, CpuTime.quota(milli, 100_000));
    }

    /**
     * The ends and the default are in the tests of opencontainers/cgroups 0.0.6; the other values
     * follow from its curve.
     */
    @ParameterizedTest
    @CsvSource({
        "0,1",
        "2,1",
        "3,2",
        "102,17",
        "512,59",
        "1024,100",
        "2048,174",
        "262143,10000",
        "262144,10000",
        "999999,10000"
    })
    void weightOfShares(long shares, long weight) {
        assertEquals(weight, CpuTime.weight(shares));
    }
}
