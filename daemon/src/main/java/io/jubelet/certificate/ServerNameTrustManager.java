/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Accepts a server whose certificate an authority signed for a given host name or IP address,
 * whatever the host of the connection is. The name is that of {@code tls-server-name} in a
 * kubeconfig.
 *
 * <p>The endpoint identification of the JDK cannot check it: it compares the certificate with the
 * host of the request, and {@link java.net.http.HttpClient} has no parameter for another one. The
 * experiments are in docs/decisions/0003-host-name-check.md. For the same reason {@code
 * checkServerTrusted} does not hand the connection to the trust manager of the authorities, which
 * would check the host. Safe for use by many threads.
 */
final class ServerNameTrustManager extends X509ExtendedTrustManager {

    private static final int DNS = 2;
    private static final int IP = 7;

    private final X509ExtendedTrustManager authorities;
    private final String name;

    ServerNameTrustManager(X509ExtendedTrustManager authorities, String name) {
        this.authorities = authorities;
        this.name = name;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkServerTrusted(chain, authType);
        if (!isValidFor(chain[0], name)) {
            throw new CertificateException(
                    "the server's certificate is not valid for " + name + ", but for " + names(chain[0]));
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }

    /**
     * Returns whether a certificate is valid for a name or an address. Only alternative names
     * count, as in Go; a wildcard stands for the whole first label.
     */
    static boolean isValidFor(X509Certificate certificate, String name) throws CertificateException {
        Optional<InetAddress> address = address(name);
        for (List<?> alternative : alternatives(certificate)) {
            boolean same = switch ((Integer) alternative.getFirst()) {
                case DNS -> address.isEmpty() && matches((String) alternative.get(1), name);
                case IP -> address.isPresent() && address.equals(address((String) alternative.get(1)));
                default -> false;
            };
            if (same) {
                return true;
            }
        }
        return false;
    }

    private static Collection<List<?>> alternatives(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        return alternatives == null ? List.of() : alternatives;
    }

    private static List<String> names(X509Certificate certificate) throws CertificateException {
        List<String> names = new ArrayList<>();
        for (List<?> alternative : alternatives(certificate)) {
            if (alternative.get(1) instanceof String text) {
                names.add(text);
            }
        }
        return names;
    }

    private static boolean matches(String pattern, String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        String given = pattern.toLowerCase(Locale.ROOT);
        if (!given.startsWith("*.")) {
            return given.equals(wanted);
        }
        int dot = wanted.indexOf('.');
        return dot > 0 && wanted.substring(dot).equals(given.substring(1));
    }

    private static Optional<InetAddress> address(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a name
        }
    }
}
