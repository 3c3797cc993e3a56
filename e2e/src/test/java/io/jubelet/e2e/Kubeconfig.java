/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;

/**
 * What a kubeconfig says: one cluster, one user.
 *
 * @param server where the API server is, or a proxy before it
 * @param authority the certificate of the cluster's authority, in PEM
 */
record Kubeconfig(String server, String authority, User user) {

    Kubeconfig {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(user, "user");
    }

    /** The credentials of a client. */
    sealed interface User {

        /** By a client certificate. */
        record Certificate(CertificateAuthority.Issued issued) implements User {}

        /** By a bearer token that stands in the kubeconfig. */
        record Token(String token) implements User {}

        /** In words of the kubeconfig itself: lines below {@code user:}, without indentation. */
        record Other(String lines) implements User {}
    }

    /** The same user at another address. */
    Kubeconfig at(String otherServer) {
        return new Kubeconfig(otherServer, authority, user);
    }

    /** Writes it with everything in it, readable by its owner only. */
    Path write(Path file) throws IOException {
        String lines = switch (user) {
            case User.Certificate(var issued) ->
                "client-certificate-data: " + base64(issued.certificatePem()) + "\nclient-key-data: "
                        + base64(issued.keyPem());
            case User.Token(var token) -> "token: \"" + token + "\""; // one of digits alone would be a number
            case User.Other(var other) -> other;
        };
        return write(file, "certificate-authority-data: " + base64(authority), lines);
    }

    /**
     * Writes it beside files that it names, relative to its own place, as kubectl allows: {@code FILE.ca.crt},
     * {@code FILE.crt}, {@code FILE.key} or {@code FILE.token}.
     */
    Path writeWithFiles(Path file) throws IOException {
        String lines = switch (user) {
            case User.Certificate(var issued) ->
                "client-certificate: " + beside(file, ".crt", issued.certificatePem()) + "\nclient-key: "
                        + beside(file, ".key", issued.keyPem());
            case User.Token(var token) -> "tokenFile: " + beside(file, ".token", token + "\n");
            case User.Other(var other) -> other;
        };
        return write(file, "certificate-authority: " + beside(file, ".ca.crt", authority), lines);
    }

    private Path write(Path file, String authorityLine, String userLines) throws IOException {
        return secret(file, """
                apiVersion: v1
                kind: Config
                clusters:
                - name: cluster
                  cluster:
                    %s
                    server: %s
                contexts:
                - name: context
                  context:
                    cluster: cluster
                    user: user
                current-context: context
                users:
                - name: user
                  user:
                %s""".formatted(authorityLine, server, userLines.indent(4)));
    }

    private static Path beside(Path file, String ending, String content) throws IOException {
        Path other = file.resolveSibling(file.getFileName() + ending);
        return secret(other, content).getFileName();
    }

    /** Replaced in one step, for a daemon may be reading it. */
    private static Path secret(Path file, String content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        Files.createFile(
                temporary,
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, content);
        return Files.move(
                temporary,
                file,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
