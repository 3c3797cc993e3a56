/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.CriException;
import io.jubelet.pod.ImageError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullFailureTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '$', textBlock = """
        rpc error: code = NotFound desc = failed to pull and unpack image "r.io/a:1": failed to resolve reference "r.io/a:1": r.io/a:1: not found \
        | ErrImagePull | r.io/a:1: not found
        RegistryUnavailable: maintenance until noon \
        | RegistryUnavailable | image pull failed for a because the registry is unavailable: maintenance until noon
        SignatureValidationFailed: no key \
        | SignatureValidationFailed | image pull failed for a because the signature validation failed: no key
        failed to resolve reference: dial tcp 127.0.0.1:1: connect: connection refused \
        | RegistryUnavailable | image pull failed for a because the registry is unavailable: failed to resolve reference: dial tcp 127.0.0.1:1: connect: connection refused
        failed to pull and unpack image "r.io/a:1": failed to do request: Head "https://r.io/v2/a": dial tcp: lookup r.io: no such host \
        | RegistryUnavailable | image pull failed for a because the registry is unavailable: failed to do request: Head "https://r.io/v2/a": dial tcp: lookup r.io: no such host
        unexpected status code https://r.io/v2/: 503 Service Unavailable \
        | RegistryUnavailable | image pull failed for a because the registry is unavailable: unexpected status code https://r.io/v2/: 503 Service Unavailable
        failed to authorize: failed to fetch anonymous token: 401 Unauthorized \
        | ErrImagePull | failed to authorize: failed to fetch anonymous token: 401 Unauthorized
        """)
    void readsWhatTheRuntimeSays(String said, ImageError reason, String message) {
        assertEquals(new PullFailure(reason, message), PullFailure.of("a", new CriException.Failed("PullImage", said)));
    }

    @ParameterizedTest
    @CsvSource({"'one\n  two\tthree', one two three"})
    void saysItInOneLine(String said, String message) {
        assertEquals(
                message,
                PullFailure.of("a", new CriException.Failed("PullImage", said)).message());
    }
}
