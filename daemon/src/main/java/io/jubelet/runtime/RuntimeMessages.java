/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import java.util.regex.Pattern;

/** Extracts the runtime's own message from a failed call, without the prefixes of the protocol. */
final class RuntimeMessages {

    private static final Pattern GRPC_PREFIX = Pattern.compile("rpc error: code = \\w+ desc = ");

    private RuntimeMessages() {}

    static String of(CriException e) {
        String message = String.valueOf(e.getMessage());
        String prefix = e.operation() + ": ";
        String text = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
        return GRPC_PREFIX.matcher(text).replaceAll("");
    }
}
