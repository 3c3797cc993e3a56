/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which users have access to a manifest file.
 *
 * @param mode file type and permission bits, as stat(2) returns them
 * @param owner user id of the owner of the file
 * @param daemon user id of the daemon
 */
public record FileAccess(int mode, int owner, int daemon) {

    private static final int GROUP_AND_OTHERS = 077;

    /** Why this file must not hold a Secret, with the command that mends it; empty when it is allowed to hold one. */
    Optional<String> unfitForSecrets(String path) {
        List<String> wrong = new ArrayList<>();
        List<String> cures = new ArrayList<>();
        if (owner != daemon) {
            wrong.add("it belongs to uid " + owner + " instead of " + daemon);
            cures.add("chown " + daemon + " " + quoted(path));
        }
        if ((mode & GROUP_AND_OTHERS) != 0) {
            wrong.add("its mode is 0" + Integer.toOctalString(mode & 0777));
            cures.add("chmod 600 " + quoted(path));
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of("the file of a Secret must belong to "
                        + (daemon == 0 ? "root" : "the user of the daemon")
                        + " and be closed to group and others, but " + String.join(" and ", wrong) + "; run: "
                        + String.join(" && ", cures));
    }

    private static String quoted(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (!Character.isLetterOrDigit(c) && "/._-+,:@%".indexOf(c) < 0) {
                return "'" + path.replace("'", "'\\''") + "'";
            }
        }
        return path;
    }
}
