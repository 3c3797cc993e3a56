package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Name resolution of the node, as pods inherit it.
 *
 * <p>Sources: resolv.conf(5), and the kubelet's limits on what it hands on.
 *
 * @param servers at most three
 * @param searches at most 32, 2048 characters together
 * @param options in order, each once
 */
public record ResolvConf(List<String> servers, List<String> searches, List<String> options) {

    private static final int MAX_SERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final int MAX_SEARCH_CHARACTERS = 2048;

    public ResolvConf {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    /** Reads a file; one that does not exist says nothing. */
    public static ResolvConf read(Path file) throws IOException {
        try {
            return parse(Files.readAllLines(file));
        } catch (NoSuchFileException _) {
            return parse(List.of());
        }
    }

    /** Name servers add up, the last search list counts, options add up. */
    static ResolvConf parse(List<String> lines) {
        List<String> servers = new ArrayList<>();
        List<String> searches = List.of();
        Set<String> options = new LinkedHashSet<>();
        for (String line : lines) {
            List<String> words = List.of(line.strip().split("\\s+"));
            List<String> rest = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> rest.stream().limit(1).forEach(servers::add);
                case "search" -> searches = searches(rest);
                case "options" -> options.addAll(rest);
                default -> {
                    // comments, and what only the resolver itself understands
                }
            }
        }
        return new ResolvConf(servers.stream().limit(MAX_SERVERS).toList(), searches, List.copyOf(options));
    }

    private static List<String> searches(List<String> words) {
        List<String> searches = new ArrayList<>();
        int characters = 0;
        for (String word : words) {
            String domain = word.endsWith(".") ? word.substring(0, word.length() - 1) : word;
            characters += domain.length() + 1;
            if (!domain.isEmpty() && searches.size() < MAX_SEARCHES && characters <= MAX_SEARCH_CHARACTERS) {
                searches.add(domain);
            }
        }
        return searches;
    }
}
