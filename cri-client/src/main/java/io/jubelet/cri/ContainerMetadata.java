package io.jubelet.cri;

import java.util.Objects;

/**
 * What names a container in its sandbox: the runtime refuses a second one with the same values.
 *
 * @param attempt counts the containers of one name in a pod from 0
 */
public record ContainerMetadata(String name, int attempt) {
    public ContainerMetadata {
        Objects.requireNonNull(name, "name");
    }
}
