/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The items of a list in a flag. pflag reads them as one line of CSV: an item in quotation marks can contain commas, and two
 * quotation marks inside it stand for one. Unlike pflag, this class strips blanks and leaves out empty items.
 */
final class CsvLine {

    private CsvLine() {}

    /** The items; empty when a quotation mark is where none can be. */
    static Optional<List<String>> split(String line) {
        List<String> items = new ArrayList<>();
        int at = 0;
        while (at <= line.length()) {
            int end = line.indexOf(',', at);
            end = end < 0 ? line.length() : end;
            String item = line.substring(at, end);
            if (item.startsWith("\"")) {
                int close = closingQuote(line, at + 1);
                end = close + 1;
                if (close < 0 || (end < line.length() && line.charAt(end) != ',')) {
                    return Optional.empty();
                }
                item = line.substring(at + 1, close).replace("\"\"", "\"");
            } else if (item.indexOf('"') >= 0) {
                return Optional.empty();
            }
            if (!item.isBlank()) {
                items.add(item.strip());
            }
            at = end + 1;
        }
        return Optional.of(items);
    }

    /** Where the quoted item that begins at {@code from} ends; -1 when it does not. */
    private static int closingQuote(String line, int from) {
        int at = line.indexOf('"', from);
        while (at >= 0 && at + 1 < line.length() && line.charAt(at + 1) == '"') {
            at = line.indexOf('"', at + 2);
        }
        return at;
    }
}
