"""Small templates, and the variables they are rendered with, for make_template_fixtures.py."""

VARIABLES = {
    "a": 7, "b": -3, "f": 2.5, "t": True, "n": None, "s": "Hello, World", "w": "  padded text \n", "e": "",
    "u": "Ünïcödé ß ŉ 中文 👍🏽 Σας", "l": [3, 1, 2], "x": ["b", "A", "c", "a"], "el": [], "q": "it's \"quoted\"\\\n\t\x01é\u200b",
    "d": {"b": 1, "a": [1, 2, {"k": None}], "items": "shadow", "1": "one", "_p": "private"}, "ed": {},
    "m": [
        {"role": "system", "content": "Be kind.", "n": 3}, {"role": "user", "content": "Hi <there> & 'you'", "n": 1},
        {"role": "assistant", "content": None, "n": 2, "calls": [{"name": "f", "args": {"z": 1, "y": [True, 1.5]}}]},
        {"role": "user", "content": "", "extra": {"deep": {"er": 5}}},
    ],
    "p": "one,two,,three", "html": "<b>bold</b> & more", "lines": "first\nsecond\n\n  third\r\nfourth", "big": 2**53 + 1,
    "nested": [[1, 2], [3, [4, 5]], []], "nums": [1, 2.0, True, 0.1, -5, 1e100, 1e16, 123456789.123], "tpl": "%s is %d",
}

EXPRESSIONS = r"""
1 + 2 * 3 - 4
7 // 2, -7 // 2, 7 // -2, 7.5 // 2, -7.5 // 2
7 % 3, -7 % 3, 7 % -3, 7.5 % 2, -7.5 % 2, 0.0 % 3, -0.0 // 3
1 / 3, 4 / 2, 1 / 0
1 // 0
1 % 0
1.0 // 0
2 ** 10, 2 ** -1, 2 ** 0.5, 2 ** 3 ** 2, -2 ** 2, (-8) ** 2
0 ** -1
1e3, 1.5e-7, 1_000, 0x1F, 0b101, 0o17, 1_0.5_0, 1E5
00, 0_0
9223372036854775807
t + 1, t * 3, t / 2, -t, +t
1 == 1.0, 1 == true, 0 == false, '1' == 1, none == false, [] == (), [1] == [1.0], {'a': 1} == {'a': 1.0}
1 < 2 < 3, 1 < 3 < 2, 3 > 2 >= 2 != 1, 1 < 2 > 1
'a' < 'b', 'Z' < 'a', [1, 2] < [1, 3], (1,) < (1, 2), 'é' > 'z'
[1] < 'a'
1 in [1, 2], 'a' in 'cat', 'x' in d, 'b' in d, 3 not in l, not 3 in l, 'ca' in ['cat'], '' in ''
1 in 5
1 in 'abc'
none in 'abc'
'a' in none
'a' in undefined_thing
[] in d
not t, not e, not l, not 0.0, not n
t and s, e or 'x', e and 1/0, 0 or none or [], 1 and 2 and 3
'yes' if t else 'no', 'yes' if e else 'no', 'only' if e
('a' if e) is undefined, ('a' if e) ~ 'b'
1 if 2 if 0 else 3
'a' if false else 'b' if true else 'c'
'a' ~ 1 ~ none ~ true ~ 1.0 ~ [1] ~ undefined_thing
'a' 'b' "c"
s + 1
1 + 'a'
s + s, l + [4], (1,) + (2,), s * 2, 2 * s, l * 2, [1] * 0, 'a' * -1, (1, 2) * 2
l + (1,)
[] - []
-s
+s
- a, + a, -f, a - -b
'%s and %s' % ('x', [1]), '%d%%' % 5, '%5.2f|%-5d|%05d|%+d|% d' % (3.14159, 42, 42, 42, 42), '%r' % 'it', '%x %X %o %#x' % (255, 255, 8, 255)
'%s' % none, '%s' % l, '%s' % {'a': 1}, '%(k)s-%(j)d' % {'k': 'v', 'j': 3}, '%c%c' % ('a', 98), '%e %E %g %G' % (12345.678, 0.00012, 1e10, 1e-10)
'%d' % 3.9, '%i' % -3.9, '%s %%' % 1, '%10s|%-10s|%.2s' % ('abc', 'abc', 'abc'), '%*d' % (5, 42), '%.3g' % 1234567
'%d' % 'a'
'%s' % (1, 2)
'%s %s' % 1
'%(a)s' % 1
'%q' % 1
'%' % 1
tpl % ('it', 4), tpl|format('this', 5), '%(a)s'|format(a=3), "%.1f"|format(2.25)
'{} {}'.format(1, 'b'), '{1} {0}'.format(1, 2), '{a} {b!r}'.format(a=1, b='x'), '{{}}'.format(), '{0[b]} {0[1]}'.format(d), '{m[0][role]}'.format(m=m)
'{:>6}|{:<6}|{:^6}|{:*^7}'.format('ab', 'ab', 'ab', 'ab'), '{:5}|{:<5}|{:05}|{:+}|{:,}|{:x}|{:#b}'.format(42, 42, 42, 42, 1234567, 255, 5)
'{:.3f} {:.2e} {:g} {:%} {:10.2f} {:.3}'.format(3.14159, 12345.6, 0.0001, 0.25, 2.5, 1234.5678), '{:{}}|'.format('a', 5), '{:.2}'.format('abcdef')
'{:_}'.format(1234567), '{:,.2f}'.format(1234567.891), '{!s:>4}'.format(1), '{:d}'.format(true), '{}'.format(true), '{:.1f}'.format(3)
'{}'.format()
'{0} {}'.format(1, 2)
'{:d}'.format('a')
'{:d}'.format(1.5)
'{'.format(1)
'}'.format(1)
'{x}'.format(y=1)
'{a}'.format_map({'a': 5})
[1, 2.0, 'a', none, true, (1,), (), {}, {'a': [1]}]
{'a': 1, 'b': {'c': (1, 2)}, 3: 'x', none: 1, true: 2, 1.5: 3}
{'a': 1, 'a': 2, 1: 'x', 1.0: 'y', true: 'z'}
{[]: 1}
{(1, 2): 1}, {(1, 2): 5}[(1, 2)]
q, [q], ['\x7f\xad\u0378'], ["it's"], ['a"b'], ["it's \"x\""]
u, [u], u|upper, u|lower, u|title, u|capitalize, u.title(), u.swapcase(), u|length, u[::-1], u[8:10]
nums, nums|string, 1e15, 1e16, 1e-4, 1e-5, 123456789012345680.0, 0.1 + 0.2, 100.0, -0.0, 1e22, 5e-324
big, big * 1.0, big == big * 1.0
'\n\t\\\'\"\x41\u00e9\U0001F600\101\a'|length, '\d\q', "\é", "\中"
s[0], s[-1], s[100], s[-100], s[1:4], s[:-1], s[::2], s[::-1], s[-3:], s[5:2], s[3:1:-1], s[::-3], s[10:100], s[-100:2]
l[0], l[-1], l[5], l[true], l['0'], l[0.0], l[1:], l[::-1], l[:2], l[-2:], l[5:], l[1:1], l[-100::2], l[none:none:none]
(1, 2, 3)[1:], (1, 2, 3)[-1], range(10)[2:8:2], range(10)[-1], range(5)[::-1]|list, range(3)[9]
s[::0]
s['a':]
n[1:]
undefined_thing[1:]
d[1:]
d.a, d['a'], d.b, d['items'], d.missing, d['missing'], d[1], d['1'], d.a[2].k, d.a.2, d._p, d['_p']
d.items is callable, d.items()|list, d.keys()|list, d.values()|list, d.get('b'), d.get('zz'), d.get('zz', 5), d|length, d|list
d.items(), d.keys(), d.values(), ed.items(), d.items()|length, 'b' in d.keys(), 1 in d.values(), d.items()[0]
d.copy() == d, d.get()
d.pop('a')
d.update({'a': 1})
d.setdefault('zz', 1)
d.clear, {'update': 1}.update is undefined, {'update': 1}['update'], l.sort is undefined, l['append'] is undefined
l.append(4)
l.sort()
l.pop
l.index(2), l.count(3), [1, 1, 2].count(1), (1, 2).index(2), l.copy()
l.index(99)
s.__class__, d.__class__, s.__class__ is defined, s['__class__'], l.__len__, s._x
s.__class__.__mro__
''.__class__()
n.x, n.x is undefined, n['x'], a.x, a['x'], undefined_thing
n.x.y
undefined_thing.x
undefined_thing['x']
undefined_thing()
undefined_thing + 1
1 + undefined_thing
undefined_thing < 1
-undefined_thing
undefined_thing == undefined_thing, undefined_thing == none, undefined_thing != 1, undefined_thing is defined, not undefined_thing
undefined_thing|length, undefined_thing|upper, undefined_thing|list, undefined_thing|default('x'), undefined_thing|join(','), undefined_thing|trim, undefined_thing|string
undefined_thing|tojson
undefined_thing|int
undefined_thing|first, undefined_thing|map('upper')|list, undefined_thing|selectattr('a')|list, undefined_thing|items|list, [undefined_thing]
undefined_thing|last
undefined_thing|abs
s.nope()
s()
5()
none()
s.upper(), s.lower(), s.capitalize(), s.title(), s.swapcase(), 'hELLO wORLD-foo'.title(), "they're bill's".title()
w.strip(), w.lstrip(), w.rstrip(), 'xxhixx'.strip('x'), 'abcba'.lstrip('ab'), 'abcba'.rstrip('ab'), w.strip(none), ''.strip()
p.split(','), p.split(',', 1), p.split(',', maxsplit=2), p.rsplit(',', 1), p.rsplit(',', 2), 'a b  c'.split(), ' a b  c '.split(none, 1), ' a b  c '.rsplit(none, 1), 'a  b'.split(' '), p.split(sep='t'), 'aaa'.split('aa'), 'aaa'.rsplit('aa', 1)
p.split('')
p.split(1)
p.split(',', 'a')
p.split(',', 1, 2)
s.startswith('Hell'), s.startswith(('x', 'H')), s.endswith('d'), s.endswith(('x', 'ld')), s.startswith('e', 1), s.startswith('H', 0, 1), s.startswith(''), s.endswith('', 100), s.startswith('l', 2, 3)
s.startswith(1)
s.startswith(['H'])
s.replace('l', 'L'), s.replace('l', 'L', 1), s.replace('', '-'), s.replace('zz', 'y'), 'aaa'.replace('aa', 'b'), s.replace('l', '', -1), ''.replace('', 'x'), s.replace('o', 'oo', 0)
s.replace('l')
s.replace('l', 1)
s.find('o'), s.find('o', 5), s.find('z'), s.rfind('o'), s.index('W'), s.count('l'), s.count(''), s.find(''), s.rfind(''), s.find('', 20), s.count('l', 4), s.find('l', -3), s.rfind('l', 0, 4), 'aaaa'.count('aa'), ''.count('')
s.index('zzz')
s.rindex('zzz')
', '.join(['a', 'b']), ''.join('abc'), '-'.join(d), ','.join(()), '-'.join(x|map('upper'))
', '.join([1, 2])
', '.join(none)
lines.splitlines(), lines.splitlines(true), ''.splitlines(), 'a\n'.splitlines(), 'a\r\n\rb\x0bc\u2028d'.splitlines()
'42'.isdigit(), ''.isdigit(), '4.2'.isdigit(), '²'.isdigit(), '²'.isdecimal(), '½'.isnumeric(), 'abc'.isalpha(), 'ab1'.isalnum(), ' \n'.isspace(), 'Abc'.istitle(), 'abc'.islower(), 'ABC1'.isupper(), '1'.isupper(), 'a_1'.isidentifier(), '1a'.isidentifier(), 'é'.isascii(), 'a\n'.isprintable(), '中'.isalpha(), '٣'.isdigit()
'42'.zfill(5), '-42'.zfill(5), '+4'.zfill(1), 'ab'.center(7, '*'), 'ab'.center(6), 'abc'.center(6), 'abc'.center(7) , 'ab'.ljust(4) ~ '|', 'ab'.rjust(4, '.'), 'a\tb'.expandtabs(4), 'a\tb\n\tc'.expandtabs(), 'ab'.center(1)
'a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'abc'.partition('='), 'abc'.rpartition('='), 'prefix-x'.removeprefix('prefix-'), 'x.txt'.removesuffix('.txt'), 'x'.removeprefix('y')
'ab'.center(7, '**')
'abc'.partition('')
s|upper|lower, s|title, 'foo-bar (baz) [qux] <x {y'|title, s|capitalize, 'ÀÉ ß'|lower, 'ß'|upper, 'ŉa'|title, 'ǆ'|title, 'ǆ'.title(), 'ΑΣ ΑΣΑ'|lower, 'İ'|lower|length
w|trim, 'xxhixx'|trim('x'), 5|trim, none|trim, w|trim|length, '\x1c\u3000a'|trim
s|length, l|length, d|length, l|count, ''|length, range(5)|length
5|length
none|length
(x|map('upper'))|length
s|first, s|last, l|first, l|last, d|first, d|last, ''|first, []|last is defined, range(3)|last, (1, 2)|first
(x|map('upper'))|last
5|first
l|join, l|join(', '), x|join('-'), m|join(',', attribute='role'), s|join('.'), nums|join('|'), [none, true, [1]]|join(' '), []|join(','), 'ab'|join(1), d|join('+')
5|join
l|sort, x|sort, x|sort(case_sensitive=true), x|sort(reverse=true), m|sort(attribute='role')|map(attribute='role')|list, l|sort(true), ['b', 'B', 'a', 'A']|sort, nums|sort, 'hello'|sort, d|sort, [[2], [1, 5], [1]]|sort
m|sort(attribute='role,content')|map(attribute='role')|list
m[:3]|sort(attribute='n')|map(attribute='n')|join, m[:3]|sort(attribute='n', reverse=true)|map(attribute='n')|join
m|sort(attribute='n')
[1, 'a']|sort
[none, 1]|sort
d|dictsort, d|dictsort(true), {'b': 2, 'A': 3, 'c': 1}|dictsort, {'b': 2, 'A': 3, 'c': 1}|dictsort(case_sensitive=true), {'b': 2, 'A': 3, 'c': 1}|dictsort(by='value'), {'b': 2, 'A': 3, 'c': 1}|dictsort(reverse=true), {'b': 2, 'A': 3, 'c': 1}|dictsort(false, 'value', true)
l|dictsort
d|dictsort(by='x')
[1, 1.0, true, 2, 'a', 'A']|unique|list, x|unique(case_sensitive=true)|join, m|unique(attribute='role')|map(attribute='role')|list, 'aAbB'|unique|join
[[1], [1]]|unique|list
l|reverse|list, s|reverse, d|reverse|list, (1, 2)|reverse|list, range(3)|reverse|join, (l|map('string'))|reverse
5|reverse
l|min, l|max, x|min, x|max, x|max(case_sensitive=true), m[:3]|max(attribute='n'), []|min is undefined, [1, 2.5, true]|sum, m[:3]|sum(attribute='n'), l|sum(start=10), [[1], [2]]|sum(start=[]), []|sum, nums[:4]|sum
x|sum
['a', 1]|max
l|list, s|list, d|list, range(3)|list, (1, 2)|list, 'é中'|list, ''|list
5|list
l|batch(2)|list, l|batch(2, 'x')|list, range(7)|slice(3)|list, range(7)|slice(3, 'x')|list, []|batch(2)|list, []|slice(2)|list, range(4)|slice(2, 0)|list
l|map('string')|list, x|map('upper')|join(','), m|map(attribute='role')|list, m|map(attribute='missing')|list, m|map(attribute='missing', default='-')|list, m|map(attribute='extra.deep.er', default=0)|list, nested|map('first')|list, nested|map(attribute=0)|list, l|map('round', 1)|list, x|map('replace', 'b', 'B')|list
l|map|list
l|map('nofilter')|list
l|map(attribute='a', nope=1)|list
m|map(attribute='extra.deep')|list
l|select|list, l|select('odd')|list, l|reject('odd')|list, l|select('>', 1)|list, l|select('greaterthan', 1)|list, [0, 1, '', none]|select|list, [0, 1, '', none]|reject|list, l|select('in', [1, 2])|list, l|reject('equalto', 2)|list, nums|select('integer')|list
m|selectattr('content')|map(attribute='role')|list, m|selectattr('role', 'equalto', 'user')|list|length, m|rejectattr('role', 'eq', 'user')|map(attribute='role')|join, m|selectattr('calls', 'defined')|list|length, m|selectattr('extra', 'defined')|map(attribute='extra.deep.er')|list, m|selectattr('role', 'in', ['user'])|list|length, m|rejectattr('calls')|list|length, m|selectattr('content', 'none')|list|length
l|select('nope')|list
m|selectattr|list
(l|select('odd')) is defined, (l|select('odd')) is iterable, (l|select('odd')) is sequence, 1 in (l|select('odd')), l|map('abs') is string
m|groupby('role')|map('first')|list, m|groupby('role')|map(attribute='grouper')|list, (m|groupby('role'))[0].list|length, x|map('list')|map('first')|list, [{'k': 'B'}, {'k': 'a'}, {'k': 'b'}]|groupby('k')|list, [{'k': 'B'}, {'k': 'b'}]|groupby('k', case_sensitive=true), [{'k': 1}, {}]|groupby('k', default=0)
[{'k': 1}, {}]|groupby('k')
d|items|list, ed|items|list, (d|items)|first
l|items|list
none|items|list
5|default('x'), n|default('x'), n|default('x', true), ''|d('y', boolean=true), missing|d, missing|default(l)|length, d.zz|default('z'), 0|default(3, true), false|default(true)
(missing|default(none)) is none, missing.x|default('y')
'42'|int, '4.7'|int, 'x'|int, 'x'|int(-1), 4.9|int, -4.9|int, true|int, none|int, none|int(default=7), '0x1F'|int(0, 16), '1F'|int(base=16), '101'|int(0, 2), ' 42 '|int, '1_000'|int, '+5'|int, '-5'|int, '--5'|int, '1e3'|int, '0b11'|int(0, 0), '٣'|string, ''|int, []|int, '1__0'|int, '_1'|int
'4.5'|float, 'x'|float, 'x'|float(1.5), 4|float, true|float, none|float, '1e3'|float, 'inf'|float, '-inf'|float, 'nan'|float, '.5'|float, '5.'|float, '1_0.5'|float, ' 2.5\n'|float, '0x10'|float, '1e'|float, 'infinity'|float, '+1.5'|float, ''|float, '5.e2'|float
'9223372036854775808'|float
3.7|round, 2.5|round, 3.5|round, 2.675|round(2), 42|round, 42.55|round(1, 'floor'), 42.51|round(1, 'ceil'), -2.5|round, 1234|round(-2), 1250|round(-2), 1350|round(-2), 2.5|round(method='ceil'), 2|round(0, 'ceil'), 0.5|round|int, 1e300|round(2), -0.4|round, true|round, 5.015|round(2), 1.005|round(2), 12345.678|round(-2)
'a'|round
2.5|round(1, 'nope')
-5|abs, 5.5|abs, -5.5|abs, true|abs
'a'|abs
'hello\nworld\n\nlast'|indent, 'a\nb'|indent(2), 'a\nb'|indent(2, true), 'a\n\nb'|indent(2, blank=true), 'a\nb'|indent('> '), 'a\nb'|indent(width=1, first=true), ''|indent, 'a\n'|indent(2)|length, lines|indent(2)
5|indent
s|replace('l', 'L'), s|replace('l', 'L', 1), 5|replace(5, 6), s|replace('', '.'), 'aXbX'|replace('X', none), l|replace('1', 'one')
s|center(20) ~ '|', s|center, 'ab'|center(5)|length
'foo bar baz qux'|truncate(9), 'foo bar baz qux'|truncate(9, true), 'foo bar baz qux'|truncate(11), 'foo bar baz qux'|truncate(11, false, '...', 0), 'foobarbazqux'|truncate(5, end='', leeway=0), s|truncate, 'foobar'|truncate(3, leeway=0)
s|truncate(1)
s|wordcount, 'a_b c-d  é'|wordcount, ''|wordcount
html|e, html|escape, html|forceescape, html|e|e, html|safe, html|safe|e, 'a&b'|e|upper, ('<'|safe) + '<', '<' + ('<'|safe), ('<'|safe) ~ '<', ('%s'|safe) % '<', ('<b>'|e)|length, 'x'|safe is escaped, html is escaped, ['<'|safe], ('<a>'|safe).replace('a', '<'), ('a'|safe)|replace('a', '<'), ('{}'|safe).format('<'), ', '.join(['<'|safe, '<']), (', '|safe).join(['<'|safe, '<']), ('a,<'|safe).split(',')
('a'|safe) * 2 + '<', ('x'|safe)[0] + '<', ('x'|safe)|trim + '<', ('x'|safe)|string + '<', ('x'|safe).upper() + '<', ('x'|safe) == 'x', ('<x>'|safe)|indent, [('x'|safe)]|first + '<', '<x>'|e|length
'a b/c?d=é&f'|urlencode, {'a b': 'c/d', 'é': 1}|urlencode, [('x', 'y z')]|urlencode, 5|urlencode, '~-._'|urlencode
1|filesizeformat, 500|filesizeformat, 1500|filesizeformat, 123456789|filesizeformat, 123456789|filesizeformat(true), 1e30|filesizeformat
d|attr('b'), d|attr('items') is callable, s|attr('upper') is callable, d|attr('zz') is undefined
l|string, none|string, 5|string|length, s|string, u|string, true|string, d|string
d|tojson, m|tojson, u|tojson, q|tojson, nums|tojson, [none, true, false, 1.0, 1e100]|tojson, (1, 2)|tojson, 'é<>&\'"/'|tojson, {}|tojson, []|tojson, 'x'|tojson
d|tojson(indent=2), l|tojson(indent=0), m|tojson(indent=4), []|tojson(indent=2), {'a': {}, 'b': [[]]}|tojson(indent=1), l|tojson(indent='--')
d|tojson(separators=(',', ':')), d|tojson(sort_keys=true), u|tojson(ensure_ascii=true), {1: 2, none: 3, true: 4, 1.5: 5}|tojson, l|tojson(true), d|tojson(false, 2, (', ', ' : '), true), l|tojson(indent=none), 'inf'|float|tojson, '👍'|tojson(ensure_ascii=true), '\x7f\x00\b\f'|tojson
'\x7e\x7f\x80'|tojson(ensure_ascii=true), '\x7f'|tojson
(l|select)|tojson
range(3)|tojson
{(1, 2): 3}|tojson
{'a': 1, 1: 2}|tojson(sort_keys=true)
d.items|tojson
s|nofilter
s is nothing
a is defined, zz is defined, zz is undefined, n is none, a is none, n is not none, a is not defined, not a is defined
1 is odd, 2 is even, 10 is divisibleby 5, 10 is divisibleby(3), 3.0 is odd, -1 is odd, true is odd
'a' is odd
1 is string, 's' is string, 1 is number, 1.5 is number, true is number, true is integer, 1 is integer, 1.0 is float, 1.0 is integer, true is boolean, 1 is boolean, none is number, '1' is number
d is mapping, l is mapping, l is sequence, d is sequence, s is sequence, 1 is sequence, l is iterable, d is iterable, s is iterable, 1 is iterable, n is iterable, range(2) is sequence, d.items() is sequence, d.items() is iterable, zz is iterable, zz is sequence, zz is string, d.keys() is mapping, (1,) is sequence
true is true, 1 is true, false is false, 0 is false, none is false, t is sameas true, 1 is sameas 1, n is sameas none, 1 is sameas true, 1.0 is sameas 1
s is callable, d.items is callable, range is callable, namespace is callable, raise_exception is callable, zz is callable
'abc' is lower, 'ABC' is upper, 'Abc' is lower, '1' is upper, 1 is lower
1 is eq 1, 1 is equalto 2, 1 is ne 2, 2 is gt 1, 2 is ge 2, 1 is lt 2, 1 is le 0, 1 is lessthan 5, 2 is greaterthan 1, 1 is not eq 1
1 is in [1, 2], 'a' is in 'abc', 'x' is in d, 1 is not in [2], 'a' is in(['a'])
'upper' is filter, 'nope' is filter, 'odd' is test, 'nope' is test
a is defined and b is defined or zz, a is divisibleby 7 and true
a is gt b.c
1 is is 1
[1, 2] is defined is defined
range(3), range(1, 5)|list, range(5, 1, -2)|list, range(0)|list, range(2, 8, 3), range(3) == range(0, 3)
range(100001)
range(1, 2, 0)
range()
range('a')
dict(a=1, b=2), dict({'x': 1}, y=2), dict([('a', 1), ('b', 2)]), dict(), dict(x=1).x
dict(1)
dict([1])
namespace(a=1).a, namespace({'x': 2}).x, namespace(a=1)['a'], namespace().zz is undefined, namespace(a=1) is mapping, namespace(a=[1]).a[0]
namespace(_x=1)
namespace(a=1)._a is undefined, namespace(__class__=1)
cycler('a', 'b').next(), cycler('a').current
cycler()
joiner(', ')() ~ 'a', joiner is callable
raise_exception('No: ' ~ a)
raise_exception()
strftime_now('%Y-%m-%d'), strftime_now('%d %b %Y'), strftime_now('%B %d, %Y'), strftime_now('%A %a %H:%M:%S %I %p %j %U %W %y %C %e %D %F %T %R %u %w %V %G %%'), strftime_now('%-d/%-m %n%t|%h|%Z|%z|%x|%X|%c')
strftime_now(1)
strftime_now()
(1, 2), (1,), (), ((1)), 1, 2
[1, 2,], {'a': 1,}, [[]], [()]
{'a': {'b': {'c': 1}}}['a'].b.c
[{'a': 1}][0].a, {'a': [1, {'b': 2}]}.a[1].b
s.upper().lower().title()|length + 1
(s|length) + 1, s|length + 1, -l|length
-5|abs
1 - 2|abs
not l|length > 2
'a' in x and 'z' not in x
l[l|length - 1], l[1 + 1], d['a'][0], d['a']['0'], m[-1]['extra'].deep['er']
m[0].role ~ ': ' ~ m[0].content|upper
(m|selectattr('role', 'equalto', 'user')|list)[0].content
m|map(attribute='role')|unique|list
m[0] == m[0], m[0] == {'role': 'system', 'content': 'Be kind.', 'n': 3}, m[1:] == m[1:4], m != m
m[::2]|map(attribute='role')|join('/'), m[1:][0].role, m[:1][0].role
s[0:5].upper() ~ s[5:], s.split(',')[0], s.split(', ')[-1]|lower, s.split('x')|first
'a' * 3 ~ 'b' * 2
a if a > b else b
a > b and 'bigger' or 'smaller'
'x' if d.missing is defined else 'y'
d.get('a', {}).get
d.get('zz', {}).get('yy', 'deep')
*l
1 +
(1
[1
{1
{1: }
1 2
a..b
a.
a[
a['x'
a|
a|upper(
a is
'unterminated
f(a, b=1, *c, **d)
range(*[1, 4])|list, '{}{}'.format(*['a', 'b']), '{x}'.format(**{'x': 1}), dict(**{'a': 1}), range(*l[1:])|list
dict(a=1, a=2)
dict(**5)
range(*5)
s.split(x=1)
s|trim(1, 2, 3)
s|trim(nope=1)
s|default(default_value='x')
a $ b
a ? b
a ! b
@
1.
1..2
.5
0x
08
1__0
'\x4'
true.x, True, False, None, TRUE is undefined
loop, loop is defined, caller is defined, varargs is defined
if
not
and
x if
x if y else
none.upper()
[] is sequence, {} is mapping, '' is string
[1, 2, 3]|select('in', (1, 3))|list, ['a', 'B']|select('upper')|list, ['a', 'B']|select('lower')|list
{'a': 1}|length, {'a': 1}.a, {'a': 1}['a'], {'keys': 1}.keys is callable, {'keys': 1}['keys']
'abc'|list|reverse|join, 'abc'|reverse|upper, 'c,b,a'.split(',')|sort|join(',')
"a\\b", 'a\\\'b', 'tab\there', "\0"|length, '\777'
'%s' % s[:3] ~ '!', ('%s' % s)[:3]
1.0|string, 1e5|string, 1.0 ~ '', 3.0 * 2, 10 / 5, 7 // 2.0, 2 ** 3.0, 1e3 == 1000
9223372036854775807 - 1, -9223372036854775807, 4611686018427387904 * 1
'🇩🇪'|length, 'é'|length, 'e\u0301'|length, 'e\u0301'|upper|length, 'ﬁ'|upper, 'ﬁx'|capitalize, 'ﬁx'.title()
"'", '"', "\"'", ["'"], ['"'], ["'\""], ['\\'], ['\r'], ['\x85'], ['\ue000'], ['\U000e0001'], ['　'], [' ']
""".strip("\n")

# Moments in Greenwich, in seconds since 1970, and a format for each.
TIMES = [
    (seconds, form)
    for seconds in (0, 951782400, 1078012799, 1104537600, 1230768000, 1293839999, 1419984000, 1718458245, 4102444799, -86401)
    for form in ("%Y-%m-%d %H:%M:%S", "%a %A %b %B %d %e %j %y %C", "%G-W%V-%u %U %W %w", "%I:%M %p|%-d.%-m.|%k %l|%D %F %T %R %r", "%%|%n|%t|%h|%c|%x|%X|%^a|%_d|%Q")
]

TEMPLATES = [
    "a\n", "a\n\n", "", "\n", "a\r\nb\rc\n", "{{ 1 }}\n{{ 2 }}\n", "{% if t %}\nx\n{% endif %}\ny", "  {% if t %}\n  x\n  {% endif %}\n  y",
    "a {% if t %} b {% endif %} c", "a {%- if t -%} b {%- endif -%} c", "a\n  {%+ if t %}\nb{% endif +%}\nc", "a\n{{- 1 -}}\nb", "a\n  {{ 1 }}\n  b",
    "{#c#}a{# c #}\nb", "  {# c #}\nb", "a {#- c -#} b", "a\n{# c +#}\nb", "{# {{ x }} {% if %} #}x", "{#- #}\n{#+ #}x", "{##}x",
    "{% raw %}{{ x }}{% if %}{# #}{% endraw %}", "{%- raw -%}  a  {%- endraw -%}  b", "a\n  {% raw %}\n  b\n  {% endraw %}\nc", "{% raw %}{% endraw", "{% raw %}{%+ endraw +%}\nx",
    "{% raw %} {{ '{% endraw' }} {%endraw%}", "{# never", "{{ 1", "{% if t", "{{ 1 %}", "{% if t }}", "{% if t %}", "{% endif %}", "{% else %}", "{% for %}", "{% nope %}", "{%  %}", "{% if %}x{% endif %}",
    "{{ }}", "{{ {} }}", "{{ {'a': {'b': 1}} }}", "{{{'a': 1}}}", "{{ '}}' }}", "{{ \"{%\" }}", "{{ '%}' ~ \"{{\" }}", "{ { 1 } }", "{a}{%%}", "{{ [1}] }}", "{{-1}}", "{{+1}}", "{{ -1}}", "{{- -1 -}}", "{{ 5 -}} x", "{%-if t%}x{%endif%}",
    "{% if a > 5 %}big{% elif a > 3 %}mid{% else %}small{% endif %}", "{% if e %}x{% elif n %}y{% elif t %}z{% endif %}", "{% if a, b %}x{% endif %}", "{% if (1 if e else 0) %}x{% else %}y{% endif %}",
    "{% for i in l %}{{ i }}{% endfor %}", "{% for i in el %}x{% else %}none{% endfor %}", "{% for i in l %}{% else %}none{% endfor %}", "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}",
    "{% for i in 5 %}{% endfor %}", "{% for a, b in l %}{% endfor %}", "{% for (a, b) in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}", "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in ['xy', 'zw'] %}{{ b }}{{ a }}{% endfor %}{{ a }}",
    "{% for c in u %}{{ c }}|{% endfor %}", "{% for i in 1, 2, 3 %}{{ i }}{% endfor %}", "{% for i in range(3) if i != 1 %}{{ i }}:{{ loop.index }}/{{ loop.length }} {% endfor %}", "{% for i in l if i > 5 %}x{% else %}none{% endfor %}", "{% for loop in l %}{% endfor %}", "{% for i in missing %}x{% else %}y{% endfor %}", "{% for i in n %}{% endfor %}",
    "{% for i in x %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}", "{% for i in x %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}",
    "{% for i in x %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}", "{% for i in x %}{{ loop.cycle('o', 'e') }}{% endfor %}", "{% for i in [1, 1, 2, 2, 1] %}{% if loop.changed(i) %}{{ i }}{% endif %}{% endfor %}", "{% for i in x %}{{ loop.cycle() }}{% endfor %}", "{% for i in l %}{{ loop.nope }}{{ loop }}{% endfor %}", "{{ loop.index }}",
    "{% for i in x|map('upper') %}{{ i }}{{ loop.last }}{{ loop.length }}{% endfor %}", "{% for i in range(3) %}{% for j in range(2) %}{{ i }}{{ j }}{{ loop.index }} {% endfor %}{{ loop.index }}\n{% endfor %}", "{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in [1] %}{% break %}{% else %}never{% endfor %}",
    "{% break %}", "{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ j }}{% endfor %};{% endfor %}", "{% for i in l recursive %}{{ i }}{% endfor %}", "{% for i in nested recursive %}{% if i is iterable %}[{{ loop(i) }}]{% else %}{{ i }}@{{ loop.depth }}{% endif %}{% endfor %}", "{% for i in l %}{{ loop(l) }}{% endfor %}",
    "{% set y = 1 %}{% for i in l %}{% set y = y + 1 %}{{ y }}{% endfor %}{{ y }}", "{% for i in l %}{% if loop.first %}{% set z = i %}{% endif %}{{ z }}{% endfor %}{{ z }}", "{% set ns = namespace(c=0) %}{% for i in l %}{% set ns.c = ns.c + i %}{% endfor %}{{ ns.c }}", "{% set ns = namespace() %}{% set ns.a = 1 %}{% set ns.b = ns.a + 1 %}{{ ns.b }}{{ ns.c is defined }}", "{% set ns.a = 1 %}", "{% set d.x = 1 %}", "{% set ns = namespace() %}{% set ns._a = 1 %}", "{% set ns = namespace(l=[]) %}{% for i in range(4) %}{% set ns.l = ns.l + [i * i] %}{% endfor %}{{ ns.l }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a, b = (1, 2, 3) %}", "{% set (a, b) = [5, 6] %}{{ b }}", "{% set x = 1, 2 %}{{ x }}", "{% set x %}hello {{ a }}{% endset %}{{ x|upper }}", "{% set x | upper | trim %}  hello {% set y = 3 %}{{ y }} {% endset %}[{{ x }}]{{ y }}", "{% set x = y = 1 %}", "{% set true = 1 %}", "{% set 'a' = 1 %}", "{% set x %}{% endset %}[{{ x }}]{{ x is string }}", "{% if t %}{% set inner = 5 %}{% endif %}{{ inner }}", "{% if e %}{% set inner = 5 %}{% endif %}{{ inner }}",
    "{% with %}{% set v = 1 %}{{ v }}{% endwith %}{{ v }}", "{% with v = 1, y = 2 %}{{ v }}{{ y }}{% endwith %}{{ v }}", "{% with a = 1, c = a %}{{ a }}{{ c }}{% endwith %}", "{% filter upper %}hello {{ s }}{% endfilter %}", "{% filter replace('l', 'L')|upper|trim %} hello {% endfilter %}", "{% filter nope %}x{% endfilter %}", "{% print 1, s %}", "{% print %}",
    "{% macro f(x, y=2) %}{{ x }}-{{ y }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(y=5, x=4) }} {{ f() }}|", "{% macro f(x) %}{{ x }}{% endmacro %}{{ f(1, 2) }}", "{% macro f(x) %}{{ x }}{% endmacro %}{{ f(z=2) }}", "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, a=3) }}", "{% macro f(x, y=x) %}{{ x }}{{ y }}{% endmacro %}{{ f(3) }}", "{% macro f(x=1, y) %}{% endmacro %}", "{% macro f(x, x) %}{% endmacro %}x", "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
    "{% macro f() %}{{ caller() }}!{% endmacro %}{% call f() %}body{{ a }}{% endcall %}", "{% macro f(x) %}{{ caller(x, 2) }}{% endmacro %}{% call(p, q=9) f(1) %}{{ p }}{{ q }}{% endcall %}", "{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}", "{% macro f() %}x{% endmacro %}{% call f() %}y{% endcall %}", "{% call 5 %}{% endcall %}", "{% macro f() %}{{ a }}{% set a = 1 %}{{ a }}{% endmacro %}{{ f() }}{{ a }}", "{% set a = 100 %}{% macro f() %}{{ a }}{% endmacro %}{% set a = 200 %}{{ f() }}", "{% macro f() %}{{ q9 }}{% endmacro %}{% set q9 = 3 %}{{ f() }}", "{{ f() }}{% macro f() %}{% endmacro %}", "{% macro f(a) -%}\n  {{ a }}\n{%- endmacro %}[{{ f('x') }}]", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f.name }}{{ f.arguments }}{{ f is callable }}",
    "{% macro f() %}{% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}{% endmacro %}{{ f() }}{{ f()|length }}", "{% for i in l %}{% macro g(z) %}{{ z }}{{ i }}{% endmacro %}{{ g('a') }}{% endfor %}", "{% macro outer(f) %}{{ f('in') }}{% endmacro %}{% macro inner(x) %}<{{ x }}>{% endmacro %}{{ outer(inner) }}", "{% macro f(x) %}{{ x|tojson }}{% endmacro %}{{ f({'a': 1}) is string }}", "{% macro f(x) %}{{ x }}{% endmacro %}{{ ['a', 'b']|map('upper')|join(f('-')) }}",
    "{% generation %}hello {% set g = 1 %}{{ g }}{% endgeneration %}{{ g }}", "{% generation %}\nx\n{% endgeneration %}\ny", "  {%- generation -%}  x  {%- endgeneration -%}  ", "{% generation %}", "{% include 'x' %}", "{% import 'x' as y %}", "{% do l.append(1) %}", "{% autoescapes %}", "{% macro %}{% endmacro %}", "{% endfor %}", "{% for i in l %}", "{% for i in l %}{% endif %}", "{% if t %}{% endfor %}", "{% if e %}{{ 1|nofilter }}{% endif %}ok", "{{ 1|nofilter if e else 'ok' }}", "{% if t %}{{ 1|nofilter }}{% endif %}", "{% for i in [] %}{{ i|nofilter }}{% endfor %}", "{% if e %}{{ 1 is notest }}{% endif %}ok", "{{ 'ok' if not e else 1 is notest }}",
    "{%- for m in m -%}{{ '<|' ~ m.role ~ '|>' }}{{ m.content }}{%- if not loop.last %}\n{% endif -%}{%- endfor -%}", "{% for message in m %}{% if message['role'] == 'user' and loop.index0 % 2 == 1 %}U{% elif message.calls is defined and message.calls %}{% for c in message.calls %}{{ c.name }}({{ c.args|tojson }}){% endfor %}{% else %}-{% endif %}{% endfor %}",
    "{% set loop_messages = m[1:] %}{% set system = m[0]['content'] if m[0]['role'] == 'system' else '' %}{{ system }}{% for x in loop_messages %}{{ x.role }}{% endfor %}", "{% set x = [] %}{% for i in l %}{% set x = x + [i] %}{% endfor %}{{ x }}", "{% set out %}{% for i in l %}{{ i }},{% endfor %}{% endset %}{{ out[:-1] }}", "{{ m|length }}{% set ns = namespace(last=-1) %}{% for x in m %}{% if x.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}{{ ns.last }}", "{% set ns = namespace(i=0) %}{% for x in m[::-1] %}{% set idx = (m|length - 1) - loop.index0 %}{{ idx }}{{ x.role }} {% endfor %}",
    "{%- set fmt = '%s: %s' -%}{% for k, v in d|dictsort %}{{ fmt % (k, v) }};{% endfor %}", "{% for a, b in m|groupby('role') %}{{ a }}:{{ b|length }} {% endfor %}", "{% set c = cycler('x', 'y') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}", "{% set j = joiner('; ') %}{% for i in l %}{{ j() }}{{ i }}{% endfor %}", "{% set g = l|select('odd') %}{{ g|list }}{{ g|list }}", "{% set g = x|map('upper') %}{% for i in g %}{{ i }}{% endfor %}{% for i in g %}again{% endfor %}", "a{% if t -%}\n\n  b{%- endif %}\n\nc", "{%- if t %}\n\n\nx{% endif %}", "x\n\t {%- if t %}y{% endif %}", "\t{% if t %}y{% endif %}\n\t{{ 1 }}\n \t{% if t %}z{% endif %}", "é{% if t %}中{% endif %}\n", "{{ s }}{# c #}\n{{ s }}\n\n{# d #}\n\n{{ s }}", "{{ 'a\nb' }}", "{{ 'a\r\nb' }}", "{{'x'}}{{\"y\"}}{{ 'z' }}", "{{ s\n  .upper()\n  |lower }}", "{% set x = [\n  1,\n  2\n] %}{{ x }}", "{{ 1 }}{% if t %}{{ 2 }}{% endif %}\n{{ 3 }}",
    "{% set ns = namespace(found=false) %}{% for i in range(5) if not ns.found %}{{ i }}{% if i == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}", "{% set x = m[0] %}{% set x = x.content %}{{ x }}", "{% set messages = m %}{% for message in messages %}{% set content = message.content if message.content is string else '' %}{{ content|trim }}|{% endfor %}", "{% for i in l: %}{{ i }}{% endfor %}", "{% if t: %}x{% else: %}y{% endif %}", "{% set x = 5 -%}  \n {{ x }}", "{% elif t %}", "{% endset %}", "{{ f(}}", "{% if t %}{{ '{% endif %}' }}{% endif %}", "{% if not e and not (n or 0) %}ok{% endif %}", "{% if 'a' in x and m[0].role == 'system' or false %}ok{% endif %}",
]
