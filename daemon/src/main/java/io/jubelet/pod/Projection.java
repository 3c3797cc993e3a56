/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/** One source of the files of a {@link Volume.Projected}. */
public sealed interface Projection {

    /**
     * Keys of a ConfigMap or Secret.
     *
     * @param items the keys and their files; when empty, each key becomes a file of the same name
     */
    record OfConfig(ConfigRef ref, List<Item> items) implements Projection {
        public OfConfig {
            Objects.requireNonNull(ref, "ref");
            items = List.copyOf(items);
        }
    }

    /** Fields of the pod itself, as by the downward API. */
    record OfPod(List<Fact> facts) implements Projection {
        public OfPod {
            facts = List.copyOf(facts);
        }
    }

    /**
     * One key as a file.
     *
     * @param path relative to the volume, without {@code ..}
     * @param mode permission bits; empty for the default mode of the volume
     */
    record Item(String key, String path, OptionalInt mode) {
        public Item {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(mode, "mode");
        }
    }

    /**
     * One field or resource of the pod as a file.
     *
     * @param path relative to the volume, without {@code ..}
     * @param source a field or a resource of the pod
     * @param mode permission bits; empty for the default mode of the volume
     */
    record Fact(String path, EnvVar.Source source, OptionalInt mode) {
        public Fact {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(source, "source");
            Objects.requireNonNull(mode, "mode");
        }
    }
}
