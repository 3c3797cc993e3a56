/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.cri.CriException;
import io.jubelet.pod.ImageError;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Why a pull failed, in one line. Immutable.
 *
 * <p>Source of the reasons: the kubelet, which derives RegistryUnavailable and
 * SignatureValidationFailed from the prefix of the runtime's error. containerd sends no such
 * prefix, so an unreachable registry is recognized by the messages of Go's network library.
 *
 * @param reason ErrImagePull, RegistryUnavailable or SignatureValidationFailed
 */
record PullFailure(ImageError reason, String message) {

    private static final String UNAVAILABLE = "RegistryUnavailable";
    private static final String SIGNATURE = "SignatureValidationFailed";
    private static final List<String> NO_ANSWER = List.of(
            "connection refused",
            "connection reset by peer",
            "no such host",
            "server misbehaving",
            "i/o timeout",
            "no route to host",
            "network is unreachable",
            "tls handshake timeout",
            "context deadline exceeded",
            "500 internal server error",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway timeout");

    private static final List<String> REFUSED = List.of(
            "unauthorized",
            "401",
            "403",
            "forbidden",
            "denied",
            "authorization failed",
            "no basic auth credentials",
            "insufficient_scope");

    /** A prefix that means nothing to users. */
    private static final Pattern GRPC_PREFIX = Pattern.compile("rpc error: code = \\w+ desc = ");

    /** The context that containerd adds, which repeats the name of the image. */
    private static final Pattern WRAPPING = Pattern.compile(
            "failed to pull and unpack image \"[^\"]*\": (?:failed to resolve (?:reference|image) \"[^\"]*\": )?");

    private static final Pattern SPACE = Pattern.compile("\\s+");

    /** Derives the failure of a pull of {@code image} from the runtime's error. */
    static PullFailure of(String image, CriException e) {
        String prefix = e.operation() + ": ";
        String text = String.valueOf(e.getMessage());
        text = text.startsWith(prefix) ? text.substring(prefix.length()) : text;
        text = SPACE.matcher(GRPC_PREFIX.matcher(text).replaceAll(""))
                .replaceAll(" ")
                .strip();
        if (text.startsWith(UNAVAILABLE)) {
            return unavailable(image, text.substring(UNAVAILABLE.length()));
        }
        if (text.startsWith(SIGNATURE)) {
            return new PullFailure(
                    ImageError.SignatureValidationFailed,
                    "image pull failed for " + image + " because the signature validation failed"
                            + text.substring(SIGNATURE.length()));
        }
        String low = text.toLowerCase(Locale.ROOT);
        if (NO_ANSWER.stream().anyMatch(low::contains)) {
            return unavailable(image, ": " + WRAPPING.matcher(text).replaceFirst(""));
        }
        return new PullFailure(ImageError.ErrImagePull, WRAPPING.matcher(text).replaceFirst(""));
    }

    private static PullFailure unavailable(String image, String detail) {
        return new PullFailure(
                ImageError.RegistryUnavailable,
                "image pull failed for " + image + " because the registry is unavailable" + detail);
    }

    /** Returns this with a suffix of the message. */
    PullFailure withDetail(String more) {
        return new PullFailure(reason, message + more);
    }

    /** Returns whether the registry rejected the credentials, or the lack of any. */
    boolean unauthorized() {
        String low = message.toLowerCase(Locale.ROOT);
        return REFUSED.stream().anyMatch(low::contains);
    }

    /** Returns whether the registry responded. */
    boolean registryAnswered() {
        return reason != ImageError.RegistryUnavailable;
    }
}
