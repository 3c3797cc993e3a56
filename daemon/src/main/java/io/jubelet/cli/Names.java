package io.jubelet.cli;

import java.util.List;
import java.util.Optional;

/**
 * A pod as a user names it: {@code web}, {@code web-<node>} or {@code namespace/web}.
 *
 * @param namespace empty for any
 * @param name with or without the node's name at its end; empty for any
 */
public record Names(Optional<String> namespace, Optional<String> name) {

    /** Reads an argument and the namespace option, of which the namespace in the argument is the nearer one. */
    static Names of(String argument, String namespace) {
        if (argument == null) {
            return new Names(Optional.ofNullable(namespace), Optional.empty());
        }
        String bare = argument.startsWith("pod/") ? argument.substring(4) : argument;
        int slash = bare.indexOf('/');
        return slash < 0
                ? new Names(Optional.ofNullable(namespace), Optional.of(bare))
                : new Names(Optional.of(bare.substring(0, slash)), Optional.of(bare.substring(slash + 1)));
    }

    /** Whether an item of {@code /jubelet/v1/pods} is meant. */
    boolean mean(Json item) {
        Json metadata = item.at("pod", "metadata");
        return namespace.map(metadata.at("namespace").text()::equals).orElse(true)
                && name.map(wanted -> wanted.equals(item.at("name").text())
                                || wanted.equals(metadata.at("name").text()))
                        .orElse(true);
    }

    /** The one item that is meant. */
    Json only(List<Json> items) throws NotFoundException {
        List<Json> meant = items.stream().filter(this::mean).toList();
        if (meant.isEmpty()) {
            throw new NotFoundException(this);
        }
        if (meant.size() > 1) {
            throw new NotFoundException(this, meant);
        }
        return meant.getFirst();
    }

    @Override
    public String toString() {
        return namespace.map(prefix -> prefix + "/").orElse("") + name.orElse("");
    }

    /** No pod, or no single pod, is meant. */
    static final class NotFoundException extends Exception {

        private static final long serialVersionUID = 1L;

        NotFoundException(Names names) {
            super("there is no pod " + names
                    + "; see jubelet get pods, and jubelet get manifests for files that were refused");
        }

        NotFoundException(Names names, List<Json> meant) {
            super("several pods are named " + names + ": "
                    + String.join(
                            ", ",
                            meant.stream()
                                    .map(item -> item.at("pod", "metadata", "namespace")
                                                    .text() + "/"
                                            + item.at("name").text())
                                    .toList())
                    + "; name one of them with its namespace");
        }
    }
}
