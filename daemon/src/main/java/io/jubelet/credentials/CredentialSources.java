package io.jubelet.credentials;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Where this node has credentials from. Any thread. */
public final class CredentialSources {

    private final DockerConfigFiles files;
    private final List<CredentialProvider> plugins;

    /** @param plugins asked in this order, after the files */
    public CredentialSources(DockerConfigFiles files, List<CredentialProvider> plugins) {
        this.files = Objects.requireNonNull(files, "files");
        this.plugins = List.copyOf(plugins);
    }

    /**
     * What to try, in this order: what the pod's Secrets say, then files, then plugins. Blocks while plugins run.
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
