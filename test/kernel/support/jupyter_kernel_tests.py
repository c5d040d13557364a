"""Runs Debian's jupyter_kernel_test against the installed kernelspec `saddle`."""

import unittest

import jupyter_kernel_test


class SaddleTests(jupyter_kernel_test.KernelTests):
    kernel_name = "saddle"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('test')"
    completion_samples = [
        {"text": "[1].pu", "matches": {"push"}},
        {"text": "%hess", "matches": {"hessian"}},
    ]
    complete_code_samples = ["1", "console.log('hello, world')", "function f(x: number) {\n  return x * 2\n}\n"]
    incomplete_code_samples = ["console.log(`hello", "function f(x) {", "[1, 2"]
    invalid_code_samples = ["import = 7q", "let 1x = }"]
    code_page_something = "Math.abs?"
    code_generate_error = "throw new Error('boom')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[1, 2, 3].map((n) => n * n)", "result": "[ 1, 4, 9 ]"},
    ]
    code_display_data = [{"code": "display({ 'text/html': '<b>test</b>' })", "mime": "text/html"}]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.abs"
    code_clear_output = "clearOutput()"


if __name__ == "__main__":
    unittest.main(verbosity=2)
