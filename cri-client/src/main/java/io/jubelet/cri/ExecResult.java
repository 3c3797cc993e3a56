/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * The start of the output and the exit code of a command in a container. The arrays are not copied
 * and must not be changed.
 *
 * @param stdout the first {@value #MAX_OUTPUT_BYTES} bytes of the standard output
 * @param stderr the first {@value #MAX_OUTPUT_BYTES} bytes of the standard error
 * @param exitCode 0 to 255
 */
public record ExecResult(byte[] stdout, byte[] stderr, int exitCode) {

    /**
     * How many bytes are kept of the standard output of a command, and of its standard error.
     * Source: the kubelet keeps the first 10 KiB of the output of a probe.
     */
    public static final int MAX_OUTPUT_BYTES = 10 << 10;

    public ExecResult {
        Objects.requireNonNull(stdout, "stdout");
        Objects.requireNonNull(stderr, "stderr");
    }

    /** Returns the standard output, decoded as UTF-8. */
    public String stdoutText() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /** Returns the standard error, decoded as UTF-8. */
    public String stderrText() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExecResult that
                && exitCode == that.exitCode
                && Arrays.equals(stdout, that.stdout)
                && Arrays.equals(stderr, that.stderr);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(stdout) + Arrays.hashCode(stderr)) + exitCode;
    }

    @Override
    public String toString() {
        return "ExecResult[exitCode=" + exitCode + ", stdout=" + stdout.length + " bytes, stderr=" + stderr.length
                + " bytes]";
    }
}
