package io.jubelet.authorization;

import io.jubelet.document.JsonText;
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
 * A user, as the API server knows users.
 *
 * @param uid may be empty
 * @param extra what an authorizer may know besides
 */
record UserInfo(String name, String uid, List<String> groups, SortedMap<String, List<String>> extra) {

    /** In this group is whoever is known. */
    private static final String AUTHENTICATED = "system:authenticated";

    private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";

    UserInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        groups = List.copyOf(groups);
        extra = new TreeMap<>(extra);
    }

    /**
     * Whom a certificate speaks of: its last common name is the user, its organizations are the groups, as Go reads them. Empty
     * when it names no user.
     */
    static Optional<UserInfo> of(X509Certificate certificate) {
        try {
            String name = "";
            List<String> groups = new ArrayList<>();
            // From the last to the first of the text, which is the order of the certificate.
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
            return Optional.empty(); // a name that cannot be read names nobody
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

    /** The same, in the group of all who are known. */
    UserInfo withAuthenticatedGroup() {
        if (groups.contains(AUTHENTICATED)) {
            return this;
        }
        List<String> more = new ArrayList<>(groups);
        more.add(AUTHENTICATED);
        return new UserInfo(name, uid, more, extra);
    }

    /** Appends the fields that a SubjectAccessReview has for a user, with a comma behind. */
    void writeJson(StringBuilder out) {
        out.append("\"user\":");
        JsonText.quote(out, name);
        out.append(",\"uid\":");
        JsonText.quote(out, uid);
        out.append(",\"groups\":");
        writeJson(out, groups);
        out.append(",\"extra\":{");
        String between = "";
        for (Map.Entry<String, List<String>> each : extra.entrySet()) {
            out.append(between);
            JsonText.quote(out, each.getKey());
            out.append(':');
            writeJson(out, each.getValue());
            between = ",";
        }
        out.append("},");
    }

    private static void writeJson(StringBuilder out, List<String> texts) {
        out.append('[');
        for (int i = 0; i < texts.size(); i++) {
            out.append(i == 0 ? "" : ",");
            JsonText.quote(out, texts.get(i));
        }
        out.append(']');
    }
}
