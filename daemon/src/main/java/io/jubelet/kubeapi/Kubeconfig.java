/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The current context of a kubeconfig. Immutable. Source: the Kubernetes page on organizing cluster
 * access, and the reference of {@code kubeconfig (v1)}.
 *
 * @param file the file that it was read from
 * @param server the URL of the API server
 * @param serverName the name that the server's certificate must have, if it differs from the host
 *     of {@code server}
 * @param insecure whether the server's certificate is not verified
 * @param authority the trusted authorities; empty for those of the system
 * @param proxy an HTTP proxy
 * @param pluginConfig the cluster's configuration for plugins as JSON, from its extension {@code
 *     client.authentication.k8s.io/exec}; empty if there is none
 * @param user how the client authenticates
 */
public record Kubeconfig(
        Path file,
        URI server,
        Optional<String> serverName,
        boolean insecure,
        Optional<Content> authority,
        Optional<URI> proxy,
        Optional<String> pluginConfig,
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

    /** Where a text in PEM is. */
    public sealed interface Content {

        /** In a separate file, which can change. */
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

            /** Omits the text, which can be a key. */
            @Override
            public String toString() {
                return "Inline[" + pem.length() + " characters]";
            }
        }
    }

    /**
     * How the client authenticates. If all are empty, it is anonymous.
     *
     * @param certificate the client certificate
     * @param key the key of the certificate
     * @param token a bearer token
     * @param tokenFile a file with a bearer token, which takes precedence over {@code token}
     * @param exec an exec credential plugin
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

        /** Omits the token. */
        @Override
        public String toString() {
            return "User[certificate=" + certificate + ", token=" + (token.isPresent() ? "given" : "none")
                    + ", tokenFile=" + tokenFile + ", exec=" + exec + "]";
        }
    }

    /**
     * An exec credential plugin.
     *
     * @param command a path, or a name that is looked up in PATH
     * @param arguments the arguments
     * @param environment additional variables as {@code NAME=value}
     * @param apiVersion {@code client.authentication.k8s.io/v1} or {@code /v1beta1}
     * @param installHint shown if the program is missing, without leading and trailing white space;
     *     empty if there is none
     * @param provideClusterInfo whether the plugin receives the cluster's configuration
     */
    public record Exec(
            String command,
            List<String> arguments,
            List<String> environment,
            String apiVersion,
            Optional<String> installHint,
            boolean provideClusterInfo) {

        public Exec {
            Objects.requireNonNull(command, "command");
            arguments = List.copyOf(arguments);
            environment = List.copyOf(environment);
            Objects.requireNonNull(apiVersion, "apiVersion");
            Objects.requireNonNull(installHint, "installHint");
        }

        /** Omits the environment. */
        @Override
        public String toString() {
            return "Exec[" + command + "]";
        }
    }
}
