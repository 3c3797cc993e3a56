/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.credentials.DockerConfig.Form;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Secrets that a pod lists in {@code imagePullSecrets}, at one moment. Two are equal if the
 * contents of the Secrets are equal; {@link #toString()} shows only names.
 *
 * @param found the Secrets that exist on this node, in the order of the pod
 * @param missing the names of those that do not exist, or the name and why the Secret cannot be
 *     used
 */
public record ImagePullSecrets(List<Secret> found, List<String> missing) {

    public static final ImagePullSecrets NONE = new ImagePullSecrets(List.of(), List.of());

    public ImagePullSecrets {
        found = List.copyOf(found);
        missing = List.copyOf(missing);
    }

    /** Looks up the Secrets that a pod lists in {@code imagePullSecrets}. */
    public static ImagePullSecrets of(Pod pod, LocalConfig config) {
        if (pod.spec().podContainers().imagePullSecrets().isEmpty()) {
            return NONE;
        }
        List<Secret> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : pod.spec().podContainers().imagePullSecrets()) {
            Optional<Secret> secret = config.secret(pod.name().namespace(), name);
            if (secret.isEmpty()) {
                missing.add(name);
                continue;
            }
            try {
                keyring(secret.get());
                found.add(secret.get());
            } catch (DockerConfig.BadConfigException e) {
                missing.add(name + ", which " + e.getMessage());
            }
        }
        return new ImagePullSecrets(found, missing);
    }

    /**
     * Returns their credentials for an image.
     *
     * @param image its complete name, without tag or digest
     */
    public List<Credential> credentials(String image) {
        return keyrings().stream()
                .flatMap(keyring -> keyring.lookup(image).stream())
                .toList();
    }

    /** Returns the keyring of each Secret, in the order of the pod. */
    List<Keyring> keyrings() {
        List<Keyring> keyrings = new ArrayList<>();
        for (Secret secret : found) {
            try {
                keyrings.add(keyring(secret));
            } catch (DockerConfig.BadConfigException e) {
                throw new IllegalStateException("was valid a moment ago", e);
            }
        }
        return keyrings;
    }

    private static Keyring keyring(Secret secret) throws DockerConfig.BadConfigException {
        return switch (secret.type()) {
            case "kubernetes.io/dockerconfigjson" -> keyring(secret, ".dockerconfigjson", Form.CONFIG_JSON);
            case "kubernetes.io/dockercfg" -> keyring(secret, ".dockercfg", Form.DOCKERCFG);
            default ->
                throw new DockerConfig.BadConfigException(
                        "is of type " + secret.type() + " and not kubernetes.io/dockerconfigjson");
        };
    }

    private static Keyring keyring(Secret secret, String key, Form form) throws DockerConfig.BadConfigException {
        Bytes content = secret.data().get(key);
        if (content == null) {
            throw new DockerConfig.BadConfigException("has no key " + key);
        }
        return DockerConfig.parse(content.toArray(), form, secret.title());
    }
}
