/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** What a container answers to an HTTP probe or hook. */
class HttpAnswerFuzzTest extends FuzzTargetTest {

    HttpAnswerFuzzTest() {
        super("http-answer", Target.class);
    }

    static final class Target implements FuzzTarget {

        @Override
        public void run(byte[] input) throws Exception {
            try {
                HttpResult result = InputBudget.within(() -> HttpResult.read(new ByteArrayInputStream(input)));
                if (result.body().length() > 10 << 10 || result.status() < 0 || result.status() > 999) {
                    throw new AssertionError(result.toString());
                }
            } catch (IOException _) {
                // The declared exception.
            }
        }

        @Override
        public List<byte[]> seeds() {
            return Stream.of(
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                            "HTTP/1.0 503 Service Unavailable\r\n\r\nuntil the end",
                            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n")
                    .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                    .toList();
        }
    }
}
