/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the tables of the specification "gRPC over HTTP2". */
class GrpcStatusTest {

    @Test
    void mapsStatusNumbers() {
        for (io.grpc.Status.Code code : io.grpc.Status.Code.values()) {
            assertEquals(
                    code.name(),
                    GrpcStatus.fromTrailers("" + code.value(), null).code().name());
        }
        for (String other : new String[] {"17", "-1", "99999999999", "x", ""}) {
            assertEquals(Code.UNKNOWN, GrpcStatus.fromTrailers(other, "words").code(), other);
        }
        assertEquals("words", GrpcStatus.fromTrailers("17", "words").message());
    }

    @Test
    void decodesMessages() {
        Map<String, String> messages = Map.of(
                "", "",
                "plain", "plain",
                "100%25", "100%",
                "%41%4a%4A", "AJJ",
                "a%C3%A4%E2%82%ACz", "aä€z",
                "%", "%",
                "%4", "%4",
                "%zz%4", "%zz%4",
                "%4g%20", "%4g ",
                "%-1%+1", "%-1%+1");
        messages.forEach((sent, meant) ->
                assertEquals(meant, GrpcStatus.fromTrailers("2", sent).message()));
        assertEquals("\ufffd", GrpcStatus.fromTrailers("2", "%ff").message());
    }

    @Test
    void mapsHttpStatuses() {
        Map<String, Code> codes = Map.of(
                "400", Code.INTERNAL,
                "401", Code.UNAUTHENTICATED,
                "403", Code.PERMISSION_DENIED,
                "404", Code.UNIMPLEMENTED,
                "429", Code.UNAVAILABLE,
                "502", Code.UNAVAILABLE,
                "503", Code.UNAVAILABLE,
                "504", Code.UNAVAILABLE,
                "500", Code.UNKNOWN,
                "302", Code.UNKNOWN);
        codes.forEach((status, code) ->
                assertEquals(code, GrpcStatus.fromHttpStatus(status).code(), status));
    }

    @Test
    void mapsResets() {
        for (long reason = 0; reason <= 20; reason++) {
            Code code = switch ((int) reason) {
                case 7 -> Code.UNAVAILABLE;
                case 8 -> Code.CANCELLED;
                case 11 -> Code.RESOURCE_EXHAUSTED;
                case 12 -> Code.PERMISSION_DENIED;
                default -> Code.INTERNAL;
            };
            assertEquals(code, GrpcStatus.fromReset(reason).code(), "" + reason);
        }
        assertEquals(Code.INTERNAL, GrpcStatus.fromReset(0xffffffffL).code());
    }

    @Test
    void cutsLongMessages() {
        String most = "x".repeat(GrpcStatus.MAX_MESSAGE);
        assertEquals(most, GrpcStatus.fromTrailers("2", most).message());
        String cut = most + " (cut after 4096 characters)";
        assertEquals(cut, GrpcStatus.fromTrailers("2", most + "y").message());
        assertEquals(
                cut, GrpcStatus.fromTrailers("2", most + "%41".repeat(10_000)).message());
        String number = GrpcStatus.fromTrailers("9".repeat(60_000), null).message();
        assertTrue(number.length() < GrpcStatus.MAX_MESSAGE + 100, number);
    }
}
