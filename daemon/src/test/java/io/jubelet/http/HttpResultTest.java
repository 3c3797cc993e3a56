/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests the limits of a response. */
class HttpResultTest {

    private static HttpResult read(String response) throws IOException {
        return HttpResult.read(new ByteArrayInputStream(response.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static String redirect(int lineLength) {
        String start = "Location: ";
        return "HTTP/1.1 302 Found\r\n" + start + "x".repeat(lineLength - start.length()) + "\r\n\r\n";
    }

    @Test
    void limitsHeadersThatAreNeeded() throws Exception {
        HttpResult longest = read(redirect(HttpResult.MAX_LINE));
        assertEquals(
                Optional.of(HttpResult.MAX_LINE - "Location: ".length()),
                longest.location().map(String::length));
        IOException e = assertThrows(IOException.class, () -> read(redirect(HttpResult.MAX_LINE + 1)));
        assertEquals("HTTP response header location exceeded 8192 bytes", e.getMessage());
        IOException length = assertThrows(
                IOException.class, () -> read("HTTP/1.1 200 OK\nContent-Length: " + "0".repeat(9000) + "1\n\nx"));
        assertEquals("HTTP response header content-length exceeded 8192 bytes", length.getMessage());
    }

    @Test
    void skipsLongHeadersThatAreNotNeeded() throws Exception {
        String cookie = "Set-Cookie: " + "c".repeat(500_000) + "\r\n";
        assertEquals(
                new HttpResult(200, Optional.empty(), "ok"),
                read("HTTP/1.1 200 " + "O".repeat(9000) + "\r\n" + cookie + cookie + "Content-Length: 2\r\n\r\nok"));
    }

    @Test
    void limitsTheWholeHead() throws Exception {
        String start = "HTTP/1.1 204 No Content\nX: ";
        String most = start + "x".repeat(HttpResult.MAX_HEAD - start.length() - 2) + "\n\n";
        assertEquals(204, read(most).status());
        IOException e = assertThrows(IOException.class, () -> read(start + "x" + most.substring(start.length())));
        assertEquals("HTTP response headers exceeded 1048576 bytes", e.getMessage());
    }

    @Test
    void needsLittleMemoryForAnEndlessHead() {
        InputStream endless = new InputStream() {
            private final byte[] start = "HTTP/1.1 200 OK\nX: ".getBytes(StandardCharsets.US_ASCII);
            private int at;

            @Override
            public int read() {
                return at < start.length ? start[at++] : 'x';
            }
        };
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThrows(IOException.class, () -> HttpResult.read(new BufferedInputStream(endless, 2048)));
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 256 << 10, "allocated " + allocated);
    }

    @Test
    void keepsStartOfBody() throws Exception {
        String body = "b".repeat(10 << 10);
        assertEquals(body, read("HTTP/1.1 200 OK\r\n\r\n" + body).body());
        assertEquals(body, read("HTTP/1.1 200 OK\r\n\r\n" + body + "more").body());
        assertEquals(
                body,
                read("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + body + "more")
                        .body());
    }
}
