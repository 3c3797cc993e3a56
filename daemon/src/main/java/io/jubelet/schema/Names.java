/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of names, labels and paths in the Kubernetes API. Each check returns null for a valid
 * value, and otherwise a message that says what would be right.
 */
public final class Names {

    private static final int MAX_LABEL_LENGTH = 63;
    private static final int MAX_SUBDOMAIN_LENGTH = 253;

    private Names() {}

    public static @Nullable String checkLabel(String name) {
        if (name.length() > MAX_LABEL_LENGTH) {
            return "is " + name.length() + " characters long; at most " + MAX_LABEL_LENGTH + " are allowed";
        }
        return isDnsLabel(name)
                ? null
                : "\"" + name
                        + "\" is not a DNS label: write lower-case letters, digits and '-', starting and ending with"
                        + " a letter or digit, such as my-app";
    }

    public static @Nullable String checkSubdomain(String name) {
        if (name.length() > MAX_SUBDOMAIN_LENGTH) {
            return "is " + name.length() + " characters long; at most " + MAX_SUBDOMAIN_LENGTH + " are allowed";
        }
        return isSubdomain(name)
                ? null
                : "\"" + name
                        + "\" is not a DNS name: write lower-case letters, digits, '-' and '.', starting and ending"
                        + " with a letter or digit, such as my-app";
    }

    static boolean isSubdomain(String name) {
        int start = 0;
        while (true) {
            int dot = name.indexOf('.', start);
            int end = dot < 0 ? name.length() : dot;
            if (!isDnsLabel(name.substring(start, end))) {
                return false;
            }
            if (dot < 0) {
                return true;
            }
            start = dot + 1;
        }
    }

    /** A search domain of resolv.conf: a DNS name that can have underscores, which resolvers accept. */
    public static @Nullable String checkSearch(String domain) {
        boolean fits = domain.length() <= MAX_SUBDOMAIN_LENGTH;
        for (String label : domain.split("\\.", -1)) {
            String rest = label.startsWith("_") ? label.substring(1) : label;
            fits &= isDnsLabel(rest.replace('_', '-'));
        }
        return fits
                ? null
                : "\"" + domain + "\" is not a domain: write lower-case letters, digits, '-', '_' and '.', such as"
                        + " example.com";
    }

    /** An IP address in a form that all programs read the same way; octets with leading zeros are refused. */
    public static @Nullable String checkIp(String text) {
        return isIpv4(text) || isIpv6(text)
                ? null
                : "\"" + text + "\" is not an IP address; write one such as 192.0.2.1 or 2001:db8::1";
    }

    private static boolean isIpv4(String text) {
        String[] numbers = text.split("\\.", -1);
        boolean fits = numbers.length == 4;
        for (String number : numbers) {
            boolean digits = !number.isEmpty() && number.chars().allMatch(c -> c >= '0' && c <= '9');
            boolean zeros = number.length() > 1 && number.startsWith("0");
            fits &= digits && !zeros && number.length() <= 3 && Integer.parseInt(number) <= 255;
        }
        return fits;
    }

    private static boolean isIpv6(String text) {
        boolean spelt = text.indexOf(':') >= 0
                && text.chars().allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0);
        try {
            // The JDK returns an Inet4Address for an IPv4-mapped IPv6 address.
            return spelt && InetAddress.ofLiteral(text) instanceof Inet6Address;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isDnsLabel(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean inner = c == '-' && i > 0 && i < name.length() - 1;
            if (!(c >= 'a' && c <= 'z') && !isDigit(c) && !inner) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** A key of labels and annotations: a name, optionally after a DNS prefix and a slash. */
    public static @Nullable String checkKey(String key) {
        int slash = key.indexOf('/');
        String prefix = slash < 0 ? "" : key.substring(0, slash);
        String name = key.substring(slash + 1);
        if (slash >= 0 && (prefix.length() > MAX_SUBDOMAIN_LENGTH || !isSubdomain(prefix))) {
            return "the part of \"" + key + "\" before the '/' must be a DNS name, such as example.com";
        }
        return name.length() <= MAX_LABEL_LENGTH && isQualified(name)
                ? null
                : "\"" + key
                        + "\" is not a key: write up to 63 letters, digits, '-', '_' and '.', starting and ending with a"
                        + " letter or digit, optionally after a DNS name and '/', such as example.com/my-key";
    }

    public static @Nullable String checkLabelValue(String value) {
        return value.isEmpty() || (value.length() <= MAX_LABEL_LENGTH && isQualified(value))
                ? null
                : "\"" + value + "\" cannot be the value of a label: write up to 63 letters, digits, '-', '_' and '.',"
                        + " starting and ending with a letter or digit";
    }

    private static boolean isQualified(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean inner = (c == '-' || c == '_' || c == '.') && i > 0 && i < name.length() - 1;
            if (!isLetter(c) && !isDigit(c) && !inner) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    public static @Nullable String checkPortName(String name) {
        boolean letter = false;
        boolean fits = !name.isEmpty() && name.length() <= 15 && !name.contains("--");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            letter |= c >= 'a' && c <= 'z';
            boolean inner = c == '-' && i > 0 && i < name.length() - 1;
            fits &= (c >= 'a' && c <= 'z') || isDigit(c) || inner;
        }
        return fits && letter
                ? null
                : "\"" + name
                        + "\" is not a port name: write up to 15 lower-case letters, digits and single '-', including at"
                        + " least one letter, such as http";
    }

    public static @Nullable String checkEnvName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < 0x20 || c > 0x7e || c == '=') {
                return "\"" + name + "\" is not the name of a variable: write printable ASCII characters without '='";
            }
        }
        return null;
    }

    /** A key of a ConfigMap or Secret, which is also a file name. */
    public static @Nullable String checkConfigKey(String key) {
        boolean fits = !key.isEmpty() && !key.startsWith("..") && !key.equals(".");
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            fits &= c == '-' || c == '_' || c == '.' || isLetter(c) || isDigit(c);
        }
        if (fits && key.length() > MAX_SUBDOMAIN_LENGTH) {
            return "is " + key.length() + " characters long; at most " + MAX_SUBDOMAIN_LENGTH + " are allowed";
        }
        return fits
                ? null
                : "\"" + key
                        + "\" is not a key: write letters, digits, '-', '_' and '.', not starting with \"..\", such as"
                        + " app.conf";
    }

    public static @Nullable String checkHeaderName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '-' && !isLetter(c) && !isDigit(c)) {
                return "\"" + name + "\" is not the name of a header: write letters, digits and '-', such as X-Probe";
            }
        }
        return null;
    }

    /** What {@link #canBePath} refuses. */
    public static final String NO_PATH = "contains a character that no path on Linux can have";

    /** Whether a path of Linux can be named so: it has no NUL, and can be encoded in UTF-8. */
    public static boolean canBePath(String path) {
        for (int i = 0; i < path.length(); i++) {
            char each = path.charAt(i);
            if (each == 0 || Character.isLowSurrogate(each)) {
                return false;
            }
            if (Character.isHighSurrogate(each)) {
                i++;
                if (i == path.length() || !Character.isLowSurrogate(path.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether a path has the element {@code ..}. */
    public static boolean goesUp(String path) {
        return path.equals("..") || path.startsWith("../") || path.endsWith("/..") || path.contains("/../");
    }

    /** Whether every node has the resource. */
    static boolean isPlainResource(String name) {
        return Set.of("cpu", "memory", "ephemeral-storage").contains(name);
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
