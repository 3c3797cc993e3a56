package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import java.util.regex.Pattern;

/** What the runtime said, without the words of the protocol around it. */
final class RuntimeMessages {

    private static final Pattern NOISE = Pattern.compile("rpc error: code = \\w+ desc = ");

    private RuntimeMessages() {}

    static String of(CriException e) {
        String prefix = e.operation() + ": ";
        String text = e.getMessage().startsWith(prefix) ? e.getMessage().substring(prefix.length()) : e.getMessage();
        return NOISE.matcher(text).replaceAll("");
    }
}
