"""What does the API's page look like?"""

STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#0a6ebd}
@media(prefers-color-scheme:dark){:root{--link:#6cb8f0}}
body{margin:0;font:16px/1.5 system-ui,sans-serif;display:flex}
nav{position:sticky;top:0;height:100vh;box-sizing:border-box;padding:1.5rem;min-width:11rem;
overflow:auto;border-right:1px solid var(--line)}
nav ul{list-style:none;padding:0}nav li{margin:.3rem 0}
main{padding:1rem 2rem 6rem;max-width:56rem;min-width:0}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
h2{margin-top:3rem;border-bottom:1px solid var(--line);text-transform:capitalize}
h3{font-size:1rem;margin-top:2rem}section{border-bottom:1px solid var(--line);padding-bottom:1rem}
code,pre{font:14px/1.45 ui-monospace,monospace;background:var(--soft);border-radius:4px}
code{padding:.1em .3em}pre{padding:1rem;overflow:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td{border-top:1px solid var(--line);padding:.35rem .6rem .35rem 0;vertical-align:top}
td p{margin:0}tr:target,section:target,h3:target{background:#fc33}
h3 span{font:bold 12px ui-monospace,monospace;padding:.2em .5em;border-radius:4px;color:#fff}
.get{background:#27824b}.post{background:#0a6ebd}.delete{background:#b3372f}
@media(max-width:48rem){body{display:block}nav{position:static;height:auto;border:0}}
"""
