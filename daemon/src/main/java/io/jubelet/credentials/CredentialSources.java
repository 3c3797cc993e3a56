/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** All sources of registry credentials of this node. Safe for use by many threads. */
public final class CredentialSources {

    private final DockerConfigFiles files;
    private final List<CredentialProvider> plugins;

    /** @param plugins the plugins in the order in which they run */
    public CredentialSources(DockerConfigFiles files, List<CredentialProvider> plugins) {
        this.files = Objects.requireNonNull(files, "files");
        this.plugins = List.copyOf(plugins);
    }

    /**
     * Returns the credentials to try, in this order: from the pod's Secrets, from files, from
     * plugins. Blocks while plugins run.
     *
     * @param image its complete name, without tag or digest
     */
    public List<Credential> lookup(ImagePullSecrets secrets, String image) throws InterruptedException {
        List<Credential> credentials = new ArrayList<>();
        for (Keyring keyring : secrets.keyrings()) {
            credentials.addAll(keyring.lookup(image));
        }
        credentials.addAll(files.read().lookup(image));
        for (CredentialProvider plugin : plugins) {
            credentials.addAll(plugin.lookup(image));
        }
        return credentials.stream().distinct().toList();
    }
}
