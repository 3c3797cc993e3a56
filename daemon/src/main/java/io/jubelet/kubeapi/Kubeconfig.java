package io.jubelet.kubeapi;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a kubeconfig says by its current context. Source: the Kubernetes page on organizing cluster access, and the reference
 * of {@code kubeconfig (v1)}.
 *
 * @param file it was read from
 * @param server the API server
 * @param serverName the name that its certificate must have, if another than that of {@code server}
 * @param insecure whether its certificate is not checked at all
 * @param authority whom to trust; empty for those whom the system trusts
 * @param proxy an HTTP proxy
 * @param pluginConfig what the cluster has for plugins, as JSON: its extension {@code client.authentication.k8s.io/exec};
 *     empty for nothing
 * @param user as whom
 */
public record Kubeconfig(
        Path file,
        URI server,
        Optional<String> serverName,
        boolean insecure,
        Optional<Content> authority,
        Optional<URI> proxy,
        String pluginConfig,
        User user) {

    public Kubeconfig {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(serverName, "serverName");
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(proxy, "proxy");
        Objects.requireNonNull(pluginConfig, "pluginConfig");
        Objects.requireNonNull(user, "user");
    }

    /** Where something in PEM is. */
    public sealed interface Content {

        /** In a file of its own, which may change. */
        record InFile(Path path) implements Content {
            public InFile {
                Objects.requireNonNull(path, "path");
            }
        }

        /** In the kubeconfig itself. */
        record Inline(String pem) implements Content {
            public Inline {
                Objects.requireNonNull(pem, "pem");
            }

            /** Tells nothing of what may be a key. */
            @Override
            public String toString() {
                return "Inline[" + pem.length() + " characters]";
            }
        }
    }

    /**
     * As whom requests are made. All may be empty: anonymous.
     *
     * @param certificate of the client
     * @param key of that certificate
     * @param token a bearer token
     * @param tokenFile a file with one, which wins over {@code token}
     * @param exec a program that knows credentials
     */
    public record User(
            Optional<Content> certificate,
            Optional<Content> key,
            Optional<String> token,
            Optional<Path> tokenFile,
            Optional<Exec> exec) {

        public User {
            Objects.requireNonNull(certificate, "certificate");
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(tokenFile, "tokenFile");
            Objects.requireNonNull(exec, "exec");
        }

        /** Tells nothing of the token. */
        @Override
        public String toString() {
            return "User[certificate=" + certificate + ", token=" + (token.isPresent() ? "given" : "none")
                    + ", tokenFile=" + tokenFile + ", exec=" + exec + "]";
        }
    }

    /**
     * A program that prints an ExecCredential.
     *
     * @param command a path, or a name that is looked up in PATH
     * @param arguments of it
     * @param environment {@code NAME=value}, beside the daemon's own
     * @param apiVersion {@code client.authentication.k8s.io/v1} or {@code /v1beta1}
     * @param installHint what to tell who lacks it; may be empty
     * @param provideClusterInfo whether it wants to know the cluster
     */
    public record Exec(
            String command,
            List<String> arguments,
            List<String> environment,
            String apiVersion,
            String installHint,
            boolean provideClusterInfo) {

        public Exec {
            Objects.requireNonNull(command, "command");
            arguments = List.copyOf(arguments);
            environment = List.copyOf(environment);
            Objects.requireNonNull(apiVersion, "apiVersion");
            Objects.requireNonNull(installHint, "installHint");
        }

        /** Tells nothing of the environment. */
        @Override
        public String toString() {
            return "Exec[" + command + "]";
        }
    }
}
