/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.document.Documents;
import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parses a kubeconfig. For one thread and one file. */
final class KubeconfigParser {

    private static final FieldTable CONFIG = FieldTable.of("a kubeconfig")
            .honoured("apiVersion", "kind", "clusters", "contexts", "users", "current-context")
            .noEffect("", "preferences", "extensions");
    private static final FieldTable NAMED_CLUSTER =
            FieldTable.of("a cluster of a kubeconfig").honoured("name", "cluster");
    private static final FieldTable CLUSTER = FieldTable.of("a cluster of a kubeconfig")
            .honoured(
                    "server",
                    "tls-server-name",
                    "insecure-skip-tls-verify",
                    "certificate-authority",
                    "certificate-authority-data",
                    "proxy-url",
                    "extensions")
            .noEffect("", "disable-compression");
    private static final FieldTable NAMED_CONTEXT =
            FieldTable.of("a context of a kubeconfig").honoured("name", "context");
    private static final FieldTable CONTEXT = FieldTable.of("a context of a kubeconfig")
            .honoured("cluster", "user")
            .noEffect("", "namespace", "extensions");
    private static final FieldTable NAMED_USER =
            FieldTable.of("a user of a kubeconfig").honoured("name", "user");
    private static final FieldTable USER = FieldTable.of("a user of a kubeconfig")
            .honoured(
                    "client-certificate",
                    "client-certificate-data",
                    "client-key",
                    "client-key-data",
                    "token",
                    "tokenFile",
                    "exec")
            .refused(
                    "API servers no longer accept passwords; use a client certificate, a token or exec",
                    "username",
                    "password")
            .refused("it was removed from Kubernetes; use exec", "auth-provider")
            .refused("a node cannot impersonate another user", "as", "as-uid", "as-groups", "as-user-extra")
            .noEffect("", "extensions");
    private static final FieldTable EXEC = FieldTable.of("an exec plugin of a kubeconfig")
            .honoured("apiVersion", "command", "args", "env", "installHint", "provideClusterInfo", "interactiveMode");
    private static final FieldTable EXTENSION =
            FieldTable.of("an extension of a kubeconfig").honoured("name", "extension");
    private static final FieldTable VARIABLE =
            FieldTable.of("a variable of an exec plugin").honoured("name", "value");

    private final Path file;
    private final Findings findings = new Findings();

    private KubeconfigParser(Path file) {
        this.file = file;
    }

    /**
     * Parses the current context of a kubeconfig.
     *
     * @param file its file; relative paths are resolved against its directory
     * @throws IllegalArgumentException when it is invalid; the message lists every error on a line
     */
    static Kubeconfig parse(Path file, byte[] content) {
        KubeconfigParser parser = new KubeconfigParser(file);
        Kubeconfig config = parser.config(Documents.read(content, parser.findings));
        List<Finding> errors = parser.findings.errors();
        if (config == null || !errors.isEmpty()) {
            String all = errors.stream().map(error -> file + ":" + error).collect(Collectors.joining("\n"));
            throw new IllegalArgumentException(all.isEmpty() ? file + " is empty" : all);
        }
        return config;
    }

    private @Nullable Kubeconfig config(List<Node> documents) {
        FieldReader top = documents.size() == 1 ? FieldReader.open(documents.getFirst(), "", CONFIG, findings) : null;
        if (top == null) {
            return null;
        }
        String current = top.requiredText("current-context", "default");
        FieldReader context =
                current == null ? null : entry(top, "contexts", current, NAMED_CONTEXT, "context", CONTEXT);
        if (context == null) {
            return null;
        }
        String clusterName = context.requiredText("cluster", "kubernetes");
        String userName = context.text("user", "");
        FieldReader cluster =
                clusterName == null ? null : entry(top, "clusters", clusterName, NAMED_CLUSTER, "cluster", CLUSTER);
        User user = userName.isEmpty() ? User.ANONYMOUS : user(entry(top, "users", userName, NAMED_USER, "user", USER));
        return cluster == null || user == null ? null : config(cluster, user.user());
    }

    /** A user or {@link #ANONYMOUS}; an invalid user is null. */
    private record User(Kubeconfig.User user) {
        private static final User ANONYMOUS = new User(new Kubeconfig.User(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private @Nullable FieldReader entry(
            FieldReader top, String list, String name, FieldTable outer, String field, FieldTable inner) {
        for (FieldReader entry : top.mappings(list, outer)) {
            if (entry.text("name", "").equals(name)) {
                FieldReader found = entry.mapping(field, inner);
                if (found == null) {
                    entry.error(field, "is required");
                }
                return found;
            }
        }
        top.error(list, "has no entry with the name \"" + name + "\"");
        return null;
    }

    private @Nullable Kubeconfig config(FieldReader cluster, Kubeconfig.User user) {
        String server = cluster.requiredText("server", "https://192.0.2.1:6443");
        Optional<Kubeconfig.Content> authority = content(cluster, "certificate-authority");
        boolean insecure = cluster.flag("insecure-skip-tls-verify", false);
        if (insecure && authority.isPresent()) {
            cluster.error("insecure-skip-tls-verify", "cannot be true together with certificate-authority");
        }
        Optional<URI> uri = server == null ? Optional.empty() : uri(cluster, "server", server);
        String proxy = cluster.text("proxy-url", "");
        return uri.map(address -> new Kubeconfig(
                        file,
                        address,
                        Optional.of(cluster.text("tls-server-name", "")).filter(name -> !name.isEmpty()),
                        insecure,
                        authority,
                        proxy.isEmpty() ? Optional.empty() : proxy(cluster, proxy),
                        pluginConfig(cluster),
                        user))
                .orElse(null);
    }

    /**
     * Accepts only unencrypted HTTP proxies, because the JDK supports no other kind. TLS to the API
     * server runs through them.
     */
    private static Optional<URI> proxy(FieldReader cluster, String text) {
        Optional<URI> proxy = uri(cluster, "proxy-url", text.contains("://") ? text : "http://" + text);
        if (proxy.isPresent()
                && (!proxy.get().getScheme().equals("http") || proxy.get().getUserInfo() != null)) {
            cluster.error(
                    "proxy-url",
                    "must be like http://192.0.2.1:3128, without user and password: other kinds of proxies"
                            + " are not supported");
        }
        return proxy;
    }

    private static Optional<String> pluginConfig(FieldReader cluster) {
        for (FieldReader extension : cluster.mappings("extensions", EXTENSION)) {
            if (extension.text("name", "").equals("client.authentication.k8s.io/exec")
                    && extension.get("extension") != null) {
                return Optional.of(JsonText.of(extension.get("extension")));
            }
        }
        return Optional.empty();
    }

    private static Optional<URI> uri(FieldReader fields, String field, String text) {
        try {
            String full = text.contains("://") ? text : "https://" + text;
            URI uri = URI.create(full);
            if (full.matches("https?://.*")
                    && uri.getHost() != null
                    && uri.getQuery() == null
                    && uri.getFragment() == null) {
                return Optional.of(uri);
            }
        } catch (IllegalArgumentException _) {
            // Reported below.
        }
        fields.error(field, "must be an address such as https://192.0.2.1:6443, not \"" + text + "\"");
        return Optional.empty();
    }

    private @Nullable User user(@Nullable FieldReader fields) {
        if (fields == null) {
            return null;
        }
        Optional<Kubeconfig.Content> certificate = content(fields, "client-certificate");
        Optional<Kubeconfig.Content> key = content(fields, "client-key");
        if (certificate.isPresent() != key.isPresent()) {
            fields.error(
                    certificate.isPresent() ? "client-key" : "client-certificate",
                    "is required, because a certificate needs its key");
        }
        FieldReader exec = fields.mapping("exec", EXEC);
        return new User(new Kubeconfig.User(
                certificate,
                key,
                Optional.of(fields.text("token", "")).filter(token -> !token.isEmpty()),
                path(fields, "tokenFile"),
                exec == null ? Optional.empty() : exec(exec)));
    }

    /** Inline data takes precedence over a file, as in kubectl. */
    private Optional<Kubeconfig.Content> content(FieldReader fields, String field) {
        String data = fields.freeText(field + "-data", "");
        if (data.isEmpty()) {
            return path(fields, field).map(Kubeconfig.Content.InFile::new);
        }
        try {
            byte[] pem = Base64.getDecoder().decode(data.replaceAll("\\s", ""));
            return Optional.of(new Kubeconfig.Content.Inline(new String(pem, StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException _) {
            fields.error(field + "-data", "must be PEM in base64");
            return Optional.empty();
        }
    }

    private Optional<Path> path(FieldReader fields, String field) {
        String text = fields.text(field, "");
        return text.isEmpty() ? Optional.empty() : Optional.of(file.resolveSibling(text));
    }

    private Optional<Kubeconfig.Exec> exec(FieldReader fields) {
        String command = fields.requiredText("command", "/usr/local/bin/credentials");
        String version = fields.requiredText("apiVersion", "client.authentication.k8s.io/v1");
        if (command == null || version == null) {
            return Optional.empty();
        }
        if (!List.of("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
                .contains(version)) {
            fields.error(
                    "apiVersion", "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
        }
        String interactive = fields.text("interactiveMode", "");
        boolean needed = interactive.isEmpty() && version.equals("client.authentication.k8s.io/v1");
        if (needed || !List.of("", "Never", "IfAvailable").contains(interactive)) {
            fields.error("interactiveMode", "must be Never or IfAvailable, because a daemon has no terminal");
        }
        List<String> environment = new ArrayList<>();
        for (FieldReader variable : fields.mappings("env", VARIABLE)) {
            environment.add(variable.text("name", "") + "=" + variable.freeText("value", ""));
        }
        // A name without a slash is looked up in PATH; a path is resolved against the kubeconfig's
        // directory.
        String program = command.contains("/") ? file.resolveSibling(command).toString() : command;
        return Optional.of(new Kubeconfig.Exec(
                program,
                fields.freeTexts("args"),
                environment,
                version,
                Optional.of(fields.freeText("installHint", "").strip()).filter(hint -> !hint.isEmpty()),
                fields.flag("provideClusterInfo", false)));
    }
}
