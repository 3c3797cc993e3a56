/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Interprets the subset of shell that tests need: {@code sleep N}, {@code exit N}, {@code true},
 * {@code false}, {@code echo WORDS} with or without {@code >&2}, {@code wait}, and
 * {@code trap 'exit N' TERM}, separated by semicolons, newlines or ampersands, after {@code sh -c}
 * or each as a separate command. Without a trap the stop signal is ignored, as by the first process
 * of a real container. Any other program runs until its stop signal and then exits with 0, and a
 * program below {@code /no/such} does not exist.
 */
final class ShellBehaviour implements ProcessBehaviour {
    private static final Pattern TRAP = Pattern.compile("trap +(['\"])(.*?)\\1 +(?:SIG)?TERM");
    private static final Pattern SEPARATOR = Pattern.compile("[;\n]|(?<!>)&+");

    @Override
    public SimulatedProcess start(List<String> command) {
        if (command.isEmpty()) {
            return SimulatedProcess.runsForever();
        }
        String program = command.getFirst();
        if (program.startsWith("/no/such")) {
            return SimulatedProcess.failsToStart(
                    "exec: \"" + program + "\": stat " + program + ": no such file or directory");
        }
        String name = program.substring(program.lastIndexOf('/') + 1);
        return switch (name) {
            case "sh", "bash", "ash" ->
                command.size() == 3 && command.get(1).equals("-c")
                        ? script(command.get(2))
                        : SimulatedProcess.runsForever();
            case "sleep", "exit", "true", "false", "echo" ->
                script(name + " " + String.join(" ", command.subList(1, command.size())));
            default -> SimulatedProcess.runsForever();
        };
    }

    private static SimulatedProcess script(String text) {
        @Nullable Integer stopExitCode = null;
        Matcher trap = TRAP.matcher(text);
        if (trap.find()) {
            String action = trap.group(2).strip();
            stopExitCode = action.startsWith("exit") ? number(action, 0) : null;
            text = trap.replaceFirst("");
        }
        Duration runsFor = Duration.ZERO;
        int exitCode = 0;
        List<String> stdout = new ArrayList<>();
        List<String> stderr = new ArrayList<>();
        for (String statement : SEPARATOR.split(text)) {
            String[] words = statement.strip().split(" +");
            switch (words[0]) {
                case "", "wait" -> {}
                case "true" -> exitCode = 0;
                case "false" -> exitCode = 1;
                case "echo" -> {
                    boolean error = statement.contains(">&2");
                    String line = statement.replace(">&2", "").strip().substring("echo".length());
                    (error ? stderr : stdout).add(line.strip().replaceAll("^(['\"])(.*)\\1$", "$2"));
                }
                case "sleep" -> {
                    if (words[1].equals("infinity")) {
                        return new SimulatedProcess(null, 0, stopExitCode, stdout, stderr, null);
                    }
                    runsFor = runsFor.plus(seconds(words[1]));
                }
                case "exit" -> {
                    int code = number(statement.strip(), exitCode);
                    return new SimulatedProcess(runsFor, code, stopExitCode, stdout, stderr, null);
                }
                default -> {
                    return new SimulatedProcess(null, 0, stopExitCode, stdout, stderr, null);
                }
            }
        }
        return new SimulatedProcess(runsFor, exitCode, stopExitCode, stdout, stderr, null);
    }

    private static Duration seconds(String number) {
        return Duration.ofNanos(new BigDecimal(number).movePointRight(9).longValue());
    }

    private static int number(String exit, int otherwise) {
        String code = exit.substring("exit".length()).strip();
        return code.isEmpty() ? otherwise : Integer.parseInt(code);
    }
}
