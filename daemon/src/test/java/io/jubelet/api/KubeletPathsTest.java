/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The path that is authorized is the path that is served, however it is written. */
class KubeletPathsTest extends ServedKubeletPort {

    /**
     * Each spelling with every right but that to act, and with the right to act alone. What a path is judged as is what is served
     * for it, so no spelling of a command passes for reading.
     *
     * @param target as it is sent
     * @param acts whether it is a command
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            /exec/default/web/app                     | true
            //exec/default/web/app                    | true
            ///exec///default//web/app/               | true
            /%65%78%65%63/default/web/app             | true
            /%65xec/default/web/app?x=/pods           | true
            https://n1/exec/default/web/app           | true
            HTTP://n1:10250/exec/default/web/app      | true
            http://n1//exec/default/web/app           | true
            http://pods/exec/default/web/app          | true
            /exec/../pods                             | true
            /exec/%2e%2e/pods                         | true
            /exec#/pods                               | true
            /exec?/../pods                            | true
            /pods/../exec/default/web/app             | false
            /pods/%2e%2e/exec/default/web/app         | false
            /pods/%2E%2E%2fexec/default/web/app       | false
            /pods/..%2fexec%2fdefault%2fweb%2fapp     | false
            /metrics/../exec/default/web/app          | false
            /metrics/%2e%2e/exec/default/web/app      | false
            /metrics%2f..%2fexec/default/web/app      | false
            /healthz/../../exec/default/web/app       | false
            /./exec/default/web/app                   | false
            /%2e/exec/default/web/app                 | false
            /../exec/default/web/app                  | false
            /%2fexec/default/web/app                  | false
            /exec%2fdefault%2fweb%2fapp               | false
            /exec%252fdefault/web/app                 | false
            /%2565xec/default/web/app                 | false
            /Exec/default/web/app                     | false
            /EXEC/default/web/app                     | false
            /portforward/default/web                  | false
            /exec%00/default/web/app                  | false
            /exec%20/default/web/app                  | false
            /exec+/default/web/app                    | false
            /exec;x/default/web/app                   | false
            /\\\\exec/default/web/app                 | false
            /pods?path=/exec/default/web/app          | false
            /pods#/exec/default/web/app               | false
            /pods;/exec/default/web/app               | false
            http://exec/pods                          | false
            http://n1                                 | false
            https://n1?/exec/default/web/app          | false
            """)
    void whatIsJudgedIsWhatIsServed(String target, boolean acts) throws Exception {
        rights = Set.copyOf(ALL_SUBRESOURCES.stream().map("get "::concat).toList());
        int reading = code("GET", target, Optional.of(CALLER));
        assertTrue(!acts || reading == 403, () -> target + ": " + reading);
        assertTrue(reached.stream().noneMatch(KubeletPathsTest::isAction), reached::toString);
        reached.clear();
        rights = Set.of("create proxy");
        assertEquals(acts ? 200 : 403, code("GET", target, Optional.of(CALLER)), target);
        assertEquals(acts ? 1 : 0, reached.size(), reached::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exec/default/web/app",
                "*",
                "n1:10250",
                "ftp://n1/exec/a/b/c",
                "http:/exec/a/b/c",
                "/exec%",
                "/%zz"
            })
    void malformedTargetsReachNoHandler(String target) throws Exception {
        rights = Set.of("get proxy", "create proxy");
        assertEquals(400, code("GET", target, Optional.of(CALLER)), target);
        assertEquals(List.of(), reached);
    }

    private static boolean isAction(String reached) {
        String path = reached.substring(reached.indexOf(' ') + 1);
        return Set.of("exec", "attach", "run", "portForward").contains(path.split("\\|")[0]);
    }
}
