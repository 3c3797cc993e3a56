/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The name resolution of the node, which pods can inherit.
 *
 * <p>Source: resolv.conf(5).
 *
 * @param servers in order
 * @param searches the domains of the last search list, without a trailing dot
 * @param options in order, each name once, with its last value
 */
public record ResolvConf(List<String> servers, List<String> searches, List<String> options) {

    public ResolvConf {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    /**
     * Reads a file.
     *
     * @throws NoSuchFileException if it does not exist
     */
    public static ResolvConf read(Path file) throws IOException {
        return parse(Files.readAllLines(file));
    }

    /** Name servers and options accumulate; only the last search list counts. */
    static ResolvConf parse(List<String> lines) {
        List<String> servers = new ArrayList<>();
        List<String> searches = List.of();
        Map<String, String> options = new LinkedHashMap<>();
        for (String line : lines) {
            List<String> words = List.of(line.strip().split("\\s+"));
            List<String> rest = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> rest.stream().limit(1).forEach(servers::add);
                case "search" -> searches = searches(rest);
                case "options" -> rest.forEach(option -> options.put(option.split(":", 2)[0], option));
                default -> {
                    // comments, and keywords that only the resolver uses
                }
            }
        }
        return new ResolvConf(servers, searches, List.copyOf(options.values()));
    }

    private static List<String> searches(List<String> words) {
        List<String> searches = new ArrayList<>();
        for (String word : words) {
            if (!word.equals(".")) {
                searches.add(word.endsWith(".") ? word.substring(0, word.length() - 1) : word);
            }
        }
        return searches;
    }
}
