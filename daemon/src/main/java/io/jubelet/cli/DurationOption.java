/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.document.GoDuration;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations in the format of Go: {@code 20s}, {@code 1m30s}, {@code 500ms}. */
final class DurationOption implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String text) {
        try {
            return GoDuration.parse(text);
        } catch (IllegalArgumentException e) {
            TypeConversionException refused = new TypeConversionException(e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }
}
