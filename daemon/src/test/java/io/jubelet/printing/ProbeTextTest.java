/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTextTest {

    private static final String DEFAULTS = " delay=0s timeout=1s period=10s #success=1 #failure=3";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"exec":{"command":["cat","/tmp/ok"]}}                       | exec [cat /tmp/ok]
            {"httpGet":{"port":8080}}                                    | http-get http://:8080/
            {"httpGet":{"port":"web","path":"livez","scheme":"HTTPS"}}   | http-get https://:web/livez
            {"httpGet":{"host":"127.0.0.1","port":80,"path":"/x?a=b"}}   | http-get http://127.0.0.1:80/x?a=b
            {"tcpSocket":{"port":22}}                                    | tcp-socket :22
            {"grpc":{"port":9090,"service":"db"}}                        | grpc <pod>:9090 db
            """)
    void namesHandler(String probe, String text) throws IOException {
        assertEquals(text + DEFAULTS, ProbeText.of(json(probe)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"tcpSocket":{"port":1},"initialDelaySeconds":5,"timeoutSeconds":2,"periodSeconds":3,"successThreshold":4,"failureThreshold":6} | tcp-socket :1 delay=5s timeout=2s period=3s #success=4 #failure=6
            """)
    void namesTimes(String probe, String text) throws IOException {
        assertEquals(text, ProbeText.of(json(probe)));
    }

    private static Json json(String text) throws IOException {
        return Json.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
