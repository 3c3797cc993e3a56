package io.jubelet.cri;

import java.util.Objects;

/**
 * What names a sandbox: the runtime refuses a second one with the same four values.
 *
 * @param attempt counts the sandboxes of one pod from 0
 */
public record PodSandboxMetadata(String name, String uid, String namespace, int attempt) {
    public PodSandboxMetadata {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(namespace, "namespace");
    }
}
