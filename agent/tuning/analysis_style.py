"""The style of an analysis's page, beyond that of every page."""

STYLE = """
:root { --red: #c0392b; --violet: #7b4fc9; --teal: #0c8599; --rose: #c2417c; --olive: #837200;
  --brown: #8f5a34 }
@media (prefers-color-scheme: dark) { :root { --red: #ff7b6b; --violet: #b093ff; --teal: #4cc9dc;
  --rose: #f487b6; --olive: #cdbb4e; --brown: #cf9a72 } }
html { scroll-behavior: smooth } a { color: var(--blue); text-decoration-thickness: 1px;
  text-underline-offset: .18em } h3 small { display: inline; margin-left: .4rem }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 1.4rem 0 0; font-size: .9rem }
.verdict { margin: 1.6rem 0 0; padding: 1.2rem 1.4rem 1rem; border-radius: .6rem;
  background: var(--tint); border-left: .35rem solid var(--amber) }
.verdict.ready { border-color: var(--green) } .verdict.stop { border-color: var(--red) }
.verdict > p { font-size: 1.2rem; font-weight: 650; line-height: 1.35; margin: 0 0 .9rem }
.verdict ol { margin: 0; padding-left: 1.3rem } .verdict li { margin: .65rem 0 }
.verdict li::marker { color: var(--soft); font-variant-numeric: tabular-nums }
.verdict li > div { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; align-items: baseline;
  justify-content: space-between } .verdict li span { flex: 1 1 22rem }
.verdict code { color: var(--ink); background: var(--paper); border: 1px solid var(--line);
  border-radius: .35rem; padding: .1rem .5rem; white-space: nowrap }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .7rem;
  margin: 1.2rem 0 1.4rem }
.tiles a, .tiles div { display: block; border: 1px solid var(--line); border-radius: .6rem;
  padding: .7rem .9rem; color: inherit; text-decoration: none } .tiles a:hover { border-color:
  var(--blue) } .tiles b { display: block; font-size: 1.45rem; line-height: 1.2;
  font-variant-numeric: tabular-nums } .tiles span { color: var(--soft); font-size: .82rem }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr));
  gap: 1.2rem 2rem }
.two svg .axis, .two svg .label { font-size: 15px }
.two h3 { margin-top: .3rem } td small { max-width: 34rem }
th[scope=row] { font-weight: 500 } td.number, th.number { text-align: right }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: .8rem }
svg.share { width: 8rem; height: .5rem; border-radius: .25rem; vertical-align: .08em }
.two svg.share { width: 3rem } th[scope=row] { min-width: 7.5rem; overflow-wrap: break-word }
.two th[scope=row] { min-width: 6rem; max-width: 9rem }
svg.stacked { border-radius: .35rem; margin: 0 0 .3rem } svg a:hover rect { opacity: 1 }
.track { fill: var(--line); opacity: .55 } .drop { fill: var(--amber); opacity: .9 }
.queue { fill: var(--violet); opacity: .9 } .stop { fill: var(--red) } .clean { fill: var(--green);
  opacity: .8 } .thin { fill: var(--amber); opacity: .85 } .rest { fill: var(--soft); opacity: .35 }
.value { font-size: 12px; fill: var(--ink); font-variant-numeric: tabular-nums }
.inside { font-size: 12px; fill: var(--paper); font-weight: 600 }
.legend { color: var(--soft); font-size: .85rem; margin: .2rem 0 1.1rem } .legend i { display:
  inline-block; width: .7rem; height: .7rem; border-radius: .2rem; margin: 0 .35rem 0 .9rem }
.legend i:first-child { margin-left: 0 } i.clean { background: var(--green) } i.drop { background:
  var(--amber) } i.queue { background: var(--violet) } i.note { background: var(--soft) }
.chip { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%;
  margin-right: .5rem; background: currentColor }
.t0 { fill: var(--blue); color: var(--blue) } .t1 { fill: var(--amber); color: var(--amber) }
.t2 { fill: var(--green); color: var(--green) } .t3 { fill: var(--violet); color: var(--violet) }
.t4 { fill: var(--rose); color: var(--rose) } .t5 { fill: var(--teal); color: var(--teal) }
.t6 { fill: var(--olive); color: var(--olive) } .t7 { fill: var(--brown); color: var(--brown) }
.t8 { fill: var(--soft); color: var(--soft) } circle { opacity: .62 } circle.t8 { opacity: .4 }
.plane { background: var(--tint); border-radius: .6rem }
.place { font-size: 11.5px; font-weight: 650; fill: var(--ink); paint-order: stroke;
  stroke: var(--paper); stroke-width: 3.5px; stroke-linejoin: round }
.figure { scroll-margin-top: 1rem; margin: 0 0 2.2rem } .figure > h3 { font-size: 1.02rem;
  margin: 0 0 .6rem } .figure:target > h3 { color: var(--blue) }
.figure:target article { border-color: var(--blue) }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr));
  gap: .8rem 2rem }
.figure article { padding: .7rem 1rem; margin: 0 0 .6rem } .asked { font-weight: 600 }
.told { color: var(--soft); font-size: .92rem; overflow-wrap: anywhere } .asked { overflow-wrap:
  anywhere } .why { font-size: .86rem; color: var(--amber) } .kept { font-style: italic }
details { margin: 0 0 .6rem } summary { cursor: pointer; color: var(--soft); font-size: .88rem;
  padding: .2rem 0 } summary:hover { color: var(--blue) }
.ids { font-size: .82rem; color: var(--soft); font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere } .none { color: var(--soft); margin: .8rem 0 0 }
@media (max-width: 36rem) { body { padding: 1.5rem 1rem 3rem } .wide { display: none }
  svg.share { width: 4rem } .verdict { padding: 1rem } .inside { display: none }
  .place { font-size: 17px } .chart .value, .chart .axis { font-size: 17px }
  .answered svg { display: none } }
td.wide { white-space: nowrap }
"""
