/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Selects the same key and certificate for every peer that accepts their algorithm. */
final class SingleKeyManager extends X509ExtendedKeyManager {

    private static final String ALIAS = "key";

    private final KeyAndCertificates identity;

    SingleKeyManager(KeyAndCertificates identity) {
        this.identity = identity;
    }

    private @Nullable String alias(List<String> kinds) {
        String kind = identity.key().getAlgorithm();
        boolean fits = kinds.contains(kind) || (kind.startsWith("Ed") && kinds.contains("EdDSA"));
        return fits ? ALIAS : null;
    }

    private String @Nullable [] aliases(String kind) {
        String alias = alias(List.of(kind));
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public @Nullable String chooseClientAlias(String[] kinds, Principal[] issuers, Socket socket) {
        return alias(List.of(kinds));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(String[] kinds, Principal[] issuers, SSLEngine engine) {
        return alias(List.of(kinds));
    }

    @Override
    public @Nullable String chooseServerAlias(String kind, Principal[] issuers, Socket socket) {
        return alias(List.of(kind));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String kind, Principal[] issuers, SSLEngine engine) {
        return alias(List.of(kind));
    }

    @Override
    public String @Nullable [] getClientAliases(String kind, Principal[] issuers) {
        return aliases(kind);
    }

    @Override
    public String @Nullable [] getServerAliases(String kind, Principal[] issuers) {
        return aliases(kind);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return identity.key();
    }
}
