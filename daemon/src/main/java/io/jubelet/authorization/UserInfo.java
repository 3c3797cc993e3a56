/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * A user, with the fields of a v1 UserInfo. Immutable.
 *
 * @param uid the UID; empty if there is none, as in the API
 * @param extra additional attributes for authorizers
 */
public record UserInfo(String name, String uid, List<String> groups, SortedMap<String, List<String>> extra) {

    /** The group of all authenticated users. */
    private static final String AUTHENTICATED = "system:authenticated";

    private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";

    /** About how many bytes a text occupies without its characters. */
    private static final int TEXT_BYTES = 60;

    public UserInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        groups = List.copyOf(groups);
        extra = new TreeMap<>(extra);
    }

    /**
     * Returns the user of a client certificate: the last common name is the user name, the
     * organizations are the groups, as in Go. Empty when the certificate has no common name.
     */
    public static Optional<UserInfo> of(X509Certificate certificate) {
        try {
            String name = "";
            List<String> groups = new ArrayList<>();
            // The RDNs run from the last to the first of the text, which is the order in the
            // certificate.
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                List<String> names = values(part, "CN");
                name = names.isEmpty() ? name : names.getLast();
                groups.addAll(values(part, "O"));
            }
            String credential = "X509SHA256="
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new UserInfo(name, "", groups, new TreeMap<>(Map.of(CREDENTIAL, List.of(credential))))
                            .withAuthenticatedGroup());
        } catch (NamingException | CertificateEncodingException e) {
            return Optional.empty(); // an unreadable subject names no user
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static List<String> values(Rdn part, String type) throws NamingException {
        List<String> values = new ArrayList<>();
        Attribute attribute = part.toAttributes().get(type);
        if (attribute != null) {
            NamingEnumeration<?> all = attribute.getAll();
            while (all.hasMore()) {
                if (all.next() instanceof String value) {
                    values.add(value);
                }
            }
        }
        return values;
    }

    /** Returns about how many bytes this occupies in memory. */
    int size() {
        int size = size(name) + size(uid);
        for (String group : groups) {
            size += size(group);
        }
        for (Map.Entry<String, List<String>> each : extra.entrySet()) {
            size += size(each.getKey());
            for (String value : each.getValue()) {
                size += size(value);
            }
        }
        return size;
    }

    private static int size(String text) {
        return TEXT_BYTES + text.length();
    }

    /** Returns this user with the group {@code system:authenticated}. */
    UserInfo withAuthenticatedGroup() {
        if (groups.contains(AUTHENTICATED)) {
            return this;
        }
        List<String> more = new ArrayList<>(groups);
        more.add(AUTHENTICATED);
        return new UserInfo(name, uid, more, extra);
    }

    /** Writes the user fields of a SubjectAccessReviewSpec into the object that is open. */
    void write(JsonGenerator out) throws IOException {
        write(out, "user");
    }

    /**
     * Writes the fields of a v1 UserInfo into the object that is open.
     *
     * @param nameField the field of the name, which differs between the groups of the API
     */
    public void write(JsonGenerator out, String nameField) throws IOException {
        out.writeStringField(nameField, name);
        out.writeStringField("uid", uid);
        writeTexts(out, "groups", groups);
        out.writeObjectFieldStart("extra");
        for (Map.Entry<String, List<String>> each : extra.entrySet()) {
            writeTexts(out, each.getKey(), each.getValue());
        }
        out.writeEndObject();
    }

    private static void writeTexts(JsonGenerator out, String field, List<String> texts) throws IOException {
        out.writeArrayFieldStart(field);
        for (String text : texts) {
            out.writeString(text);
        }
        out.writeEndArray();
    }
}
