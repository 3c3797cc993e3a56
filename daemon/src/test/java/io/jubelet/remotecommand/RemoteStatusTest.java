/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RemoteStatusTest {

    private static RemoteStatus read(String json) {
        return RemoteStatus.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void successNeedsNothingElse() {
        assertEquals(new RemoteStatus(true, OptionalInt.empty(), ""), read("{\"metadata\":{},\"status\":\"Success\"}"));
    }

    @Test
    void exitCodeStandsAmongTheCauses() {
        assertEquals(
                new RemoteStatus(false, OptionalInt.of(42), "exit status 42"),
                read(
                        "{\"status\":\"Failure\",\"message\":\"exit status 42\",\"reason\":\"NonZeroExitCode\",\"details\":"
                                + "{\"name\":\"x\",\"causes\":[{\"reason\":\"Other\",\"message\":\"7\"},"
                                + "{\"reason\":\"ExitCode\",\"message\":\"42\"}]},\"code\":500}"));
    }

    @Test
    void failureOfAnotherKindHasAMessageOnly() {
        assertEquals(
                new RemoteStatus(false, OptionalInt.empty(), "no such file"),
                read("{\"status\":\"Failure\",\"message\":\"no such file\",\"reason\":\"InternalError\",\"details\":"
                        + "{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"1\"}]}}"));
    }

    @Test
    void textThatIsNoStatusIsShownAsItIs() {
        assertEquals(new RemoteStatus(false, OptionalInt.empty(), "boom"), read("boom\n"));
        assertEquals(new RemoteStatus(false, OptionalInt.empty(), "{\"status\":"), read("{\"status\":"));
    }
}
